"""Reads over estates and people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import FilteredRelation, Q, QuerySet

from accounts.models import User
from accounts.second_factor import users_with_second_factor
from core.clock import now
from estates.errors import EstateNotFound, MemberNotFound
from estates.members import Member
from estates.models import Estate, Membership, Occupancy, RoleGrant, Unit
from estates.permissions import (
    FOR_EVERYBODY,
    MANAGEMENT,
    WITHOUT_SECOND_FACTOR,
    Permission,
    RoleKey,
    permissions_of,
)
from estates.supporters import supporter_at, supporters_by_ids

#: A permission that was taken out of the code may still stand in an estate's own role.
_KNOWN = frozenset(permission.value for permission in Permission)


@dataclass(frozen=True, slots=True)
class Contactable:
    """Somebody who can be told something."""

    member_id: UUID
    name: str
    phone: str | None
    email: str | None
    language: str


def get_estate(estate_id: UUID) -> Estate:
    """Raises `EstateNotFound`."""
    estate = Estate.objects.filter(pk=estate_id, is_suspended=False).first()
    if estate is None:
        raise EstateNotFound
    return estate


def member_of(user: User, estate_id: UUID, *, session_key: str = "") -> tuple[Estate, Member]:
    """The estate, and the user as its member, or as a platform admin with support access. Raises `EstateNotFound` for
    anybody else.
    """
    membership = _active_memberships().filter(user=user, estate_id=estate_id).first()
    if membership is None:
        if (supporter := supporter_at(user, estate_id, session_key=session_key)) is not None:
            return supporter
        raise EstateNotFound
    return membership.estate, as_member(membership, session_key=session_key)


def member_by_id(estate_id: UUID, member_id: UUID, *, session_key: str = "") -> Member:
    """Raises `MemberNotFound`."""
    membership = _active_memberships().filter(estate_id=estate_id, pk=member_id).first()
    if membership is None:
        raise MemberNotFound
    return as_member(membership, session_key=session_key)


def members_by_ids(member_ids: Iterable[UUID]) -> dict[UUID, Member]:
    """Those of the members who are still active, in one query, and one more where an estate wants second factors;
    without a sign-in behind them. One query more for ids that are no member's: they may be of support access.
    """
    wanted_ids = set(member_ids)
    holds = Q(role_grants__expires_at__isnull=True) | Q(role_grants__expires_at__gt=now())
    rows = (
        _active_memberships()
        .filter(pk__any_of=list(wanted_ids))
        .annotate(live=FilteredRelation("role_grants", condition=holds))
        .values_list(
            "pk",
            "estate_id",
            "user_id",
            "user__name",
            "role_epoch",
            "estate__is_second_factor_required",
            "live__role__key",
            "live__role__estate_id",
            "live__role__permissions",
            "live__expires_at",
        )
    )
    people: dict[UUID, tuple[UUID, UUID, str, int]] = {}
    roles: dict[UUID, list[_HeldRole]] = defaultdict(list)
    until: dict[UUID, list[datetime | None]] = defaultdict(list)
    wanted: set[UUID] = set()
    for member_id, estate_id, user_id, name, epoch, is_strict, key, owner, allowed, expires_at in rows:
        people[member_id] = (estate_id, user_id, name, epoch)
        if key is not None:
            roles[member_id].append(_HeldRole(key, owner is not None, tuple(allowed or ())))
            until[member_id].append(expires_at)
        if is_strict and owner is None and key in MANAGEMENT:
            wanted.add(member_id)
    lacking = _lacking({member_id: people[member_id][1] for member_id in wanted})
    missing = wanted_ids - people.keys()
    supporters = supporters_by_ids(missing) if missing else {}
    return supporters | {
        member_id: _member(
            member_id,
            *person,
            frozenset(roles[member_id]),
            _first(until[member_id]),
            lacks_second_factor=member_id in lacking,
        )
        for member_id, person in people.items()
    }


def _lacking(users: Mapping[UUID, UUID]) -> set[UUID]:
    """Those whose user has no second factor. `users`: by membership."""
    have = users_with_second_factor(users.values()) if users else set()
    return {member_id for member_id, user_id in users.items() if user_id not in have}


def as_member(membership: Membership, *, session_key: str = "") -> Member:
    """Reads the membership's roles (one query) and adds up what they allow."""
    grants = list(_live_grants(membership.estate_id).filter(membership=membership).select_related("role"))
    held = frozenset(
        _HeldRole(grant.role.key, grant.role.estate_id is not None, tuple(grant.role.permissions))
        for grant in grants
    )
    is_management = any(not role.is_own and role.key in MANAGEMENT for role in held)
    is_wanted = is_management and membership.estate.is_second_factor_required
    wanted = {membership.pk: membership.user_id} if is_wanted else {}
    return _member(
        membership.pk,
        membership.estate_id,
        membership.user_id,
        membership.user.name,
        membership.role_epoch,
        held,
        _first(grant.expires_at for grant in grants),
        lacks_second_factor=bool(wanted and _lacking(wanted)),
        session_key=session_key,
    )


class _HeldRole(NamedTuple):
    """`is_own`: made by the estate, with permissions of its own choice; else one of the built-in roles."""

    key: str
    is_own: bool
    permissions: tuple[str, ...]


def _member(
    member_id: UUID,
    estate_id: UUID,
    user_id: UUID,
    name: str,
    role_epoch: int,
    held: frozenset[_HeldRole],
    roles_until: datetime | None,
    *,
    lacks_second_factor: bool,
    session_key: str = "",
) -> Member:
    role_keys, permissions = _sum_of(held)
    return Member(
        kind="member",
        id=member_id,
        name=name,
        estate_id=estate_id,
        user_id=user_id,
        role_keys=role_keys,
        permissions=permissions & WITHOUT_SECOND_FACTOR if lacks_second_factor else permissions,
        role_epoch=role_epoch,
        roles_until=roles_until,
        lacks_second_factor=lacks_second_factor,
        session_key=session_key,
    )


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


@lru_cache(maxsize=1024)
def _sum_of(held: frozenset[_HeldRole]) -> tuple[frozenset[str], frozenset[Permission]]:
    """Keys, and everything that any of the roles allows. Few combinations are held by very many people."""
    built_in = {role.key for role in held if not role.is_own}
    own = {Permission(value) for role in held if role.is_own for value in role.permissions if value in _KNOWN}
    # What everybody may do needs no role: nothing stands between a member and his SOS.
    return frozenset(role.key for role in held), permissions_of(built_in) | own | FOR_EVERYBODY


def memberships_of(user: User) -> QuerySet[Membership]:
    """The user's active memberships, with their estates, oldest first."""
    return _active_memberships().filter(user=user).order_by("created_at", "pk")


def invitations_of(user: User) -> QuerySet[Membership]:
    """Memberships that the user has not accepted yet, with their estates, oldest first."""
    pending = Membership.objects.across_estates().filter(
        user=user, status=Membership.Status.PENDING, estate__is_suspended=False
    )
    return pending.select_related("estate").order_by("created_at", "pk")


def members_with_role(estate: Estate, *role_keys: RoleKey | str) -> list[Contactable]:
    """Active members who hold any of the roles, by name."""
    grants = _live_grants(estate.pk).filter(role__key__in=role_keys)
    return _contactable(_active_memberships().filter(estate=estate, pk__in=grants.values("membership")))


def holders(estate_id: UUID, *role_keys: RoleKey | str) -> QuerySet[RoleGrant]:
    """Grants of any of the roles that hold now; for a subquery by `membership`."""
    return _live_grants(estate_id).filter(role__key__in=role_keys)


def holders_across(estate_ids: Collection[UUID], *role_keys: RoleKey | str) -> QuerySet[RoleGrant]:
    """The same in several estates."""
    is_live = Q(expires_at__isnull=True) | Q(expires_at__gt=now())
    return RoleGrant.objects.across_estates().filter(
        is_live, estate_id__in=estate_ids, role__key__in=role_keys
    )


def guards_on_duty(estate: Estate) -> list[Contactable]:
    """Guards who have begun a shift and not ended it, by name."""
    grants = _live_grants(estate.pk).filter(role__key=RoleKey.GUARD)
    on_duty = _active_memberships().filter(
        estate=estate, on_duty_since__isnull=False, pk__in=grants.values("membership")
    )
    return _contactable(on_duty)


def on_duty(estate: Estate) -> QuerySet[Membership]:
    """Everybody on duty, longest first."""
    return _active_memberships().filter(estate=estate, on_duty_since__isnull=False).order_by("on_duty_since")


def contactable(estate_id: UUID, member_ids: Iterable[UUID]) -> list[Contactable]:
    """Those of the given members who are active, by name."""
    return _contactable(_active_memberships().filter(estate_id=estate_id, pk__any_of=list(member_ids)))


def unit_of(member: Member, estate: Estate) -> Unit | None:
    """Where the member lives today; the newest home where he has several."""
    occupancy = (
        Occupancy.objects.of(member.estate_id)
        .filter(membership_id=member.id)
        .filter(current_on(today(estate)))
        .select_related("unit__block")
        .order_by("-starts_on", "-pk")
        .first()
    )
    return occupancy.unit if occupancy else None


def current_on(day: date) -> Q:
    """Occupancies that hold on `day`."""
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gt=day))


def today(estate: Estate) -> date:
    """The date at the estate."""
    return now().astimezone(ZoneInfo(estate.time_zone)).date()


def _active_memberships() -> QuerySet[Membership]:
    return (
        Membership.objects.across_estates()
        .filter(status=Membership.Status.ACTIVE, user__is_active=True, estate__is_suspended=False)
        .select_related("user", "estate")
    )


def _live_grants(estate_id: UUID) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.of(estate_id).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now()))


def _contactable(memberships: QuerySet[Membership]) -> list[Contactable]:
    return [
        Contactable(
            member_id=row.pk,
            name=row.user.name,
            phone=row.user.phone,
            email=row.user.email,
            language=row.user.language,
        )
        for row in memberships.order_by("user__name", "pk")
    ]


def role_epochs(member_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The role epochs of those of the members who are still active, in one query; in one more, of those whose support
    access holds.
    """
    wanted = set(member_ids)
    found = dict(_active_memberships().filter(pk__any_of=list(wanted)).values_list("pk", "role_epoch"))
    if missing := wanted - found.keys():
        found |= {member.id: member.role_epoch for member in supporters_by_ids(missing).values()}
    return found
