"""A member's own emergency contacts."""

from uuid import UUID

from accounts.phones import e164
from core import audit
from core.text import clean_text
from core.unit_of_work import unit_of_work
from emergency.errors import ContactExists, ContactNotFound, TooManyContacts
from emergency.models import Contact
from estates.errors import NameMissing
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require

#: Each of them gets every round of texts: a handful helps, a crowd only costs.
MOST_CONTACTS = 10


def add_contact(*, actor: Member, estate: Estate, name: str, phone: str) -> Contact:
    """Tell this person too when the actor is in need.

    `phone`: with country code, or as it is dialled in the estate's country. Raises
    `NameMissing`, `PhoneNotValid`, `ContactExists`, `TooManyContacts`.
    """
    require(actor, Permission.KEEP_CONTACTS, estate)
    words = clean_text(name)
    if not words:
        raise NameMissing(field="name")
    number = e164(phone, country=estate.country)
    with unit_of_work():
        # Two devices adding at once would otherwise both be below the limit.
        Membership.objects.of(estate).select_for_update(no_key=True).get(pk=actor.id)
        own = Contact.objects.of(estate).filter(member_id=actor.id)
        if own.filter(phone=number).exists():
            raise ContactExists(field="phone")
        if own.count() >= MOST_CONTACTS:
            raise TooManyContacts
        contact = Contact.objects.create(estate=estate, member_id=actor.id, name=words, phone=number)
        audit.record(actor, "emergency.contact.added", contact)
        return contact


def remove_contact(*, actor: Member, estate: Estate, contact_id: UUID) -> None:
    """Raises `ContactNotFound` where it is not one of the actor's own."""
    require(actor, Permission.KEEP_CONTACTS, estate)
    with unit_of_work():
        contact = Contact.objects.of(estate).filter(member_id=actor.id, pk=contact_id).first()
        if contact is None:
            raise ContactNotFound
        audit.record(actor, "emergency.contact.removed", contact)
        contact.delete()
