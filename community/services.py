"""Residents say what their neighbours see of them."""

from community.errors import NameHidden
from community.models import DirectoryEntry
from community.shapes import Audience, ChangePrivacy
from core.audit import record
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require

FIELDS = ("name", "unit", "phone", "email")


def change_privacy(*, actor: Member, estate: Estate, choice: ChangePrivacy) -> None:
    """Show or hide each field from now on. Raises `NameHidden` where something would be shown and not the name."""
    require(actor, Permission.KEEP_PRIVACY, estate)
    with unit_of_work():
        membership = Membership.objects.of(estate).select_for_update(no_key=True).get(pk=actor.id)
        row = DirectoryEntry.objects.of(estate).filter(membership=membership).first()
        row = row or DirectoryEntry(estate=estate, membership=membership)
        changes = {}
        for field in FIELDS:
            wanted, before = getattr(choice, field), getattr(row, f"shows_{field}")
            if wanted is not None and (wanted is Audience.NEIGHBOURS) != before:
                setattr(row, f"shows_{field}", not before)
                changes[field] = [before, not before]
        if not row.shows_name and (row.shows_unit or row.shows_phone or row.shows_email):
            raise NameHidden("Show your name as well, or hide the rest.", field="name")
        if changes:
            row.changed_at = now()
            row.save()
            record(actor, "community.privacy.changed", membership, changes)


def forget_privacy(membership: Membership) -> None:
    """He shows nothing any more, until he says so anew. Called within a unit of work."""
    DirectoryEntry.objects.of(membership.estate_id).filter(membership=membership).delete()
