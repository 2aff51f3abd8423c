"""What estates hold of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.erasing import pseudonym_of
from core.batches import delete_some
from core.models import AuditEntry
from core.personal_data import holds
from estates.models import ApiKey, Membership, Occupancy, RoleGrant, SupportAccess
from estates.services.leaving import leave_every_estate


def membership_ids(user_id: UUID) -> list[UUID]:
    """All of the user's, past ones too."""
    return list(Membership.objects.across_estates().filter(user_id=user_id).values_list("pk", flat=True))


def _memberships(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = Membership.objects.across_estates().filter(user_id=user_id)
    yield from rows.values("id", "estate__name", "status", "created_at", "on_duty_since").iterator()


def _homes(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = Occupancy.objects.across_estates().filter(membership__user_id=user_id)
    yield from rows.values("estate__name", "unit__name", "kind", "starts_on", "ends_on").iterator()


def _roles(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = RoleGrant.objects.across_estates().filter(membership__user_id=user_id)
    yield from rows.values("estate__name", "role__name", "granted_at", "expires_at").iterator()


def _api_keys(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = ApiKey.objects.across_estates().filter(created_by__user_id=user_id)
    yield from rows.values("estate__name", "name", "created_at", "expires_at", "revoked_at").iterator()


def _own_deeds(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    """Of the audit log what he did himself: what others did is theirs."""
    rows = AuditEntry.objects.filter(actor_id__in=[user_id, *membership_ids(user_id)]).order_by("at")
    yield from rows.values("at", "action", "target_type", "target_id", "changes").iterator()


def _support(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = SupportAccess.objects.across_estates().filter(user_id=user_id)
    yield from rows.values("estate__name", "reason", "started_at", "expires_at", "ended_at").iterator()


def _erase_support(user_id: UUID) -> None:
    SupportAccess.objects.across_estates().filter(user_id=user_id).update(name=pseudonym_of(user_id))


def _purge_support(before: datetime, limit: int) -> int:
    ended = SupportAccess.objects.across_estates().filter(ended_at__lt=before)
    return delete_some(ended.order_by("ended_at"), limit)


def _purge_homes(before: datetime, limit: int) -> int:
    ended = Occupancy.objects.across_estates().filter(ends_on__lt=before.date())
    return delete_some(ended.order_by("ends_on"), limit)


holds(
    "estates.homes",
    what="Who lived in which home, from when to when, and as what",
    why="Who may let visitors in, vote and pay for a home, also later on",
    models=["estates.Occupancy"],
    days=2555,
    purge=_purge_homes,
    on_deletion="ended; the history of the home goes on under the pseudonym",
    export=_homes,
)
holds(
    "estates.roles",
    what="Roles, and API keys that somebody made",
    why="What somebody may do",
    models=["estates.RoleGrant", "estates.ApiKey"],
    kept="until they are taken away or expire",
    on_deletion="taken away; a key of his is worth nothing any more",
    export=_roles,
)
holds(
    "estates.api_keys",
    what="Names of the API keys that somebody made, and when",
    why="Who let which program in",
    models=[],
    kept="as long as the estate is here",
    on_deletion="stays under the pseudonym",
    export=_api_keys,
)
holds(
    "estates.own_deeds",
    what="What somebody did himself, in the audit log",
    why="See `core.audit`",
    models=[],
    kept="see `core.audit`",
    on_deletion="see `core.audit`",
    export=_own_deeds,
)
holds(
    "estates.support",
    what="Who of the platform entered an estate for support, when, why, and who ended it",
    why="An estate knows who was in it",
    models=["estates.SupportAccess"],
    days=1825,
    purge=_purge_support,
    on_deletion="the name of who entered becomes the pseudonym; that of who ended it stays as written",
    export=_support,
    erase=_erase_support,
)
holds(
    "estates.memberships",
    what="Who belongs, or belonged, to which estate",
    why="Everything that is done in an estate is done by a member",
    models=["estates.Membership"],
    kept="as long as the estate is here",
    on_deletion="ended; the row stays under the pseudonym, because records refer to it",
    export=_memberships,
    erase=leave_every_estate,
)
