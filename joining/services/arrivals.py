"""Somebody becomes a member, whichever way he came."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date

from accounts.models import User
from core.actors import Actor
from core.audit import record
from core.unit_of_work import unit_of_work
from estates.errors import LivesThere, RoleNotFound, UnitNotFound
from estates.members import Member
from estates.models import Estate, Membership, Occupancy, Role, RoleGrant, Unit
from estates.permissions import Permission, permissions_of, require
from estates.selectors import today
from estates.services.homes import settle
from estates.services.people import ROLE_OF, add_member, grant_role, outdate
from estates.services.roles import find_role, must_reach, permissions_in


def let_in(
    *,
    actor: Actor,
    estate: Estate,
    user: User,
    unit: Unit | None = None,
    kind: Occupancy.Kind | None = None,
    roles: Sequence[Role] = (),
    host: Occupancy | None = None,
    ends_on: date | None = None,
) -> Membership:
    """`user` is an active member, lives in the unit as `kind` and holds the roles. Who lives there already stays so.

    The caller has asked for the permission, and holds the estate.
    """
    with unit_of_work():
        membership = _membership(actor, estate, user)
        for role in roles:
            if not RoleGrant.objects.of(estate).filter(membership=membership, role=role).exists():
                grant_role(actor=actor, membership=membership, role=role)
        if unit is not None and kind is not None:
            with suppress(LivesThere):
                settle(
                    actor=actor,
                    unit=unit,
                    membership=membership,
                    kind=kind,
                    starts_on=today(estate),
                    ends_on=ends_on,
                    host=host,
                )
        return membership


def _membership(actor: Actor, estate: Estate, user: User) -> Membership:
    found = Membership.objects.of(estate).select_related("estate").filter(user=user).first()
    if found is None:
        return add_member(actor=actor, estate=estate, user=user, roles=[])
    if found.status != Membership.Status.ACTIVE:
        action = "accepted" if found.status == Membership.Status.PENDING else "returned"
        if found.status == Membership.Status.ENDED:
            # What he was here before is not what he is let in as now.
            RoleGrant.objects.of(estate).filter(membership=found).delete()
        found.status, found.is_known = Membership.Status.ACTIVE, True
        found.save(update_fields=["status", "is_known"])
        outdate(Membership.objects.of(estate).filter(pk=found.pk))
        record(actor, f"estates.member.{action}", found)
    return found


def must_be_able_to_let_in(
    actor: Member, estate: Estate, kind: Occupancy.Kind | None, keys: Collection[str]
) -> list[Role]:
    """The roles of `keys`, where the actor may give them and the one that comes with the home.

    Raises `AboveOwn`, `PermissionMissing`, `RoleNotFound`.
    """
    if kind is not None:
        must_reach(actor, permissions_of([ROLE_OF[kind]]))
    if keys:
        require(actor, Permission.MANAGE_ROLES, estate)
    roles = []
    for key in dict.fromkeys(keys):
        try:
            role = find_role(estate, key)
        except RoleNotFound:
            raise RoleNotFound(field="roles") from None
        must_reach(actor, permissions_in(role))
        roles.append(role)
    return roles


def unit_called(estate: Estate, name: str) -> Unit:
    """Raises `UnitNotFound`."""
    unit = Unit.objects.of(estate).filter(name__iexact=" ".join(name.split())).select_related("block").first()
    if unit is None:
        raise UnitNotFound("There is no unit of this name. Add it first.", field="unit")
    return unit
