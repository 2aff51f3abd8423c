"""Somebody leaves all of his estates at once, because his account is no more."""

from uuid import UUID

from core.actors import SYSTEM
from estates.errors import LastManager
from estates.models import Estate, Membership, RoleGrant
from estates.permissions import RoleKey
from estates.services.people import end_membership
from estates.services.roles import has_manager


def leave_every_estate(user_id: UUID) -> None:
    """End what the user has, is asked for, or is invited to. Called within a unit of work."""
    rows = Membership.objects.across_estates().filter(user_id=user_id).exclude(status=Membership.Status.ENDED)
    for membership in rows.select_related("estate", "user").order_by("pk"):
        end_membership(actor=SYSTEM, membership=membership)


def must_not_be_last_manager(user_id: UUID) -> None:
    """Raises `LastManager` for whoever alone manages an estate for good. Called within a unit of work, at whose end it
    still holds: nobody changes the estates' roles meanwhile.
    """
    own = Membership.objects.across_estates().filter(user_id=user_id).exclude(status=Membership.Status.ENDED)
    held = Estate.objects.filter(pk__in=own.values("estate")).order_by("pk").select_for_update(no_key=True)
    for estate in held:
        managers = RoleGrant.objects.of(estate).filter(
            role__key=RoleKey.MANAGER, role__estate__isnull=True, membership__user_id=user_id
        )
        if managers.exists() and not has_manager(estate, besides=user_id):
            raise LastManager(
                f"You are the last manager of {estate.name}: appoint another one first.", estate=estate.name
            )
