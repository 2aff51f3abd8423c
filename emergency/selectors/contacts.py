"""A member's own emergency contacts."""

from django.db.models import QuerySet

from emergency.models import Contact
from emergency.shapes import ContactView
from estates.members import Member


def contacts_of(actor: Member) -> QuerySet[Contact]:
    """The actor's contacts, oldest first."""
    return Contact.objects.of(actor.estate_id).filter(member_id=actor.id)


def contact_view(contact: Contact) -> ContactView:
    return ContactView(id=contact.pk, name=contact.name, phone=contact.phone)
