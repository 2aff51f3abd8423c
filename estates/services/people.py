"""People join, get roles, move in, and leave."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from accounts.models import User
from core.actors import Actor
from core.audit import record
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.models import Block, Estate, Membership, Occupancy, Role, RoleGrant, Unit
from estates.moves import Move, react
from estates.permissions import RoleKey
from estates.selectors import today

#: What somebody is in the estate who lives there as this.
ROLE_OF = {
    Occupancy.Kind.OWNER: RoleKey.OWNER,
    Occupancy.Kind.TENANT: RoleKey.TENANT,
    Occupancy.Kind.FAMILY: RoleKey.HOUSEHOLD_MEMBER,
    Occupancy.Kind.CHILD: RoleKey.CHILD,
}


def ensure_built_in_roles() -> dict[str, Role]:
    """The built-in roles' rows, made where they are missing. Their permissions stand in the matrix, not in the row."""
    known = {role.key: role for role in Role.objects.filter(estate__isnull=True)}
    for key in RoleKey:
        if key not in known:
            known[key.value], _ = Role.objects.get_or_create(
                estate=None, key=key.value, defaults={"name": key.label}
            )
    return known


def create_estate(*, actor: Actor, **fields: Any) -> Estate:
    """A new estate. `fields`: name, slug, time_zone (IANA), country (ISO 3166-1 alpha-2)."""
    with unit_of_work():
        ensure_built_in_roles()
        estate = Estate.objects.create(**fields)
        record(actor, "estates.estate.created", estate, {"name": estate.name}, estate_id=estate.pk)
        return estate


def add_unit(
    *,
    actor: Actor,
    estate: Estate,
    block: str,
    name: str,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Unit:
    """A home in `block` (made where it is missing). The position is in WGS 84 degrees."""
    with unit_of_work():
        home, _ = Block.objects.across_estates().get_or_create(estate=estate, name=block)
        unit = Unit.objects.create(
            estate=estate, block=home, name=name, latitude=latitude, longitude=longitude
        )
        record(actor, "estates.unit.created", unit, {"name": name})
        return unit


def add_member(*, actor: Actor, estate: Estate, user: User, roles: list[RoleKey]) -> Membership:
    """Make `user` an active member with the given built-in roles."""
    with unit_of_work():
        membership = Membership.objects.create(estate=estate, user=user)
        built_in = ensure_built_in_roles()
        for key in roles:
            RoleGrant.objects.create(estate=estate, membership=membership, role=built_in[key])
        record(actor, "estates.member.added", membership, {"roles": [key.value for key in roles]})
        return membership


def grant_role(
    *, actor: Actor, membership: Membership, role: Role, expires_at: datetime | None = None
) -> RoleGrant:
    """Give a role, for good or until `expires_at`."""
    with unit_of_work():
        grant, _ = RoleGrant.objects.across_estates().update_or_create(
            estate_id=membership.estate_id,
            membership=membership,
            role=role,
            defaults={"expires_at": expires_at},
        )
        outdate(Membership.objects.of(membership.estate_id).filter(pk=membership.pk))
        record(actor, "estates.role.granted", membership, {"role": role.key})
        return grant


def revoke_role(*, actor: Actor, membership: Membership, role: Role) -> None:
    """Take a role away. Open sockets close within seconds (the hub watches the role epoch)."""
    with unit_of_work():
        RoleGrant.objects.of(membership.estate_id).filter(membership=membership, role=role).delete()
        outdate(Membership.objects.of(membership.estate_id).filter(pk=membership.pk))
        record(actor, "estates.role.revoked", membership, {"role": role.key})


def end_membership(*, actor: Actor, membership: Membership) -> None:
    """The person leaves the estate: its homes, with whoever is of his household there, and every role."""
    with unit_of_work():
        Membership.objects.of(membership.estate_id).filter(pk=membership.pk).update(
            status=Membership.Status.ENDED, on_duty_since=None
        )
        day = today(membership.estate)
        for occupancy in open_occupancies(membership):
            end_occupancy(actor=actor, occupancy=occupancy, ends_on=max(occupancy.starts_on, day))
        # Else who comes back, years later and as a tenant, would be the manager that he was.
        RoleGrant.objects.of(membership.estate_id).filter(membership=membership).delete()
        outdate(Membership.objects.of(membership.estate_id).filter(pk=membership.pk))
        record(actor, "estates.member.ended", membership)


def move_in(
    *,
    actor: Actor,
    unit: Unit,
    membership: Membership,
    kind: Occupancy.Kind,
    starts_on: date,
    ends_on: date | None = None,
    host: Occupancy | None = None,
) -> Occupancy:
    """The member occupies the unit from `starts_on` to the day before `ends_on`. `host`: whose household he is of."""
    with unit_of_work():
        occupancy = Occupancy.objects.create(
            estate_id=unit.estate_id,
            unit=unit,
            membership=membership,
            kind=kind,
            starts_on=starts_on,
            ends_on=ends_on,
            begun_at=now() if starts_on <= today(unit.estate) else None,
            host=host,
        )
        record(actor, "estates.occupancy.started", occupancy, {"unit": unit.name, "kind": kind})
        return occupancy


def end_occupancy(*, actor: Actor, occupancy: Occupancy, ends_on: date) -> None:
    """It holds until the day before `ends_on`; whoever is of that household there leaves no later, and the estate with
    it, where he has nothing else there.

    The role that came with it ends with the last home of its kind. What else hangs on living there (passes, workers,
    votes) is ended by those features, which hear of it in the same act.
    """
    with unit_of_work():
        occupancy.ends_on = ends_on
        occupancy.save(update_fields=["ends_on"])
        outdate(Membership.objects.of(occupancy.estate_id).filter(pk=occupancy.membership_id))
        changes = {"unit": occupancy.unit.name, "ends_on": ends_on.isoformat()}
        record(actor, "estates.occupancy.ended", occupancy, changes)
        follow_homes(actor=actor, membership=occupancy.membership, kind=occupancy.kind, is_out=True)
        react(Move(occupancy=occupancy, actor=actor, is_in=False))
        stay_longer = Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on)
        for other in Occupancy.objects.of(occupancy.estate_id).filter(stay_longer, host=occupancy):
            end_occupancy(actor=actor, occupancy=other, ends_on=max(other.starts_on, ends_on))
        if occupancy.host_id is not None:
            _leave_with_household(actor, occupancy.membership)


def _leave_with_household(actor: Actor, membership: Membership) -> None:
    """Who belonged to the estate by a household alone belongs to it no longer."""
    here = Membership.objects.of(membership.estate_id).filter(pk=membership.pk)
    has_roles = RoleGrant.objects.of(membership.estate_id).filter(membership=membership).exists()
    is_here = here.filter(status=Membership.Status.ACTIVE).exists()
    if is_here and not has_roles and not open_occupancies(membership).exists():
        end_membership(actor=actor, membership=membership)


def follow_homes(*, actor: Actor, membership: Membership, kind: str, is_out: bool = False) -> None:
    """The role that comes with living somewhere as `kind` holds as long as the member's homes of this kind do.

    `is_out`: one of them has just been ended, so that without another one the role ends too. A home that is still to
    come gives its role on its first day (`estates.services.first_days`).
    """
    estate = membership.estate
    role = ensure_built_in_roles()[ROLE_OF[Occupancy.Kind(kind)]]
    grant = RoleGrant.objects.of(estate).filter(membership=membership, role=role).first()
    homes = open_occupancies(membership).filter(kind=kind).order_by("starts_on")
    day = today(estate)
    until: date | None = day
    for home in homes:
        # One after the other without a gap is as good as one.
        if until is not None and home.starts_on <= until:
            until = home.ends_on and max(home.ends_on, until)
    if until == day:
        if is_out and grant is not None:
            revoke_role(actor=actor, membership=membership, role=role)
        return
    zone = ZoneInfo(estate.time_zone)
    expires_at = None if until is None else datetime.combine(until, time.min, zone)
    if grant is None or grant.expires_at != expires_at:
        grant_role(actor=actor, membership=membership, role=role, expires_at=expires_at)


def open_occupancies(membership: Membership) -> QuerySet[Occupancy]:
    """Those of the member that have no end, or one that is still to come."""
    occupancies = Occupancy.objects.of(membership.estate_id).filter(membership=membership)
    return occupancies.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today(membership.estate)))


def outdate(memberships: QuerySet[Membership]) -> None:
    """What was signed for these memberships under their older roles (tokens, sessions) no longer holds."""
    memberships.update(role_epoch=F("role_epoch") + 1)
