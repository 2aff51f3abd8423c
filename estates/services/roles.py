"""Roles: those of an estate's own, and who is given which. Nobody gives or takes what he may not do himself."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.text import slugify

from core.audit import record
from core.clock import now
from core.errors import Invalid
from core.unit_of_work import unit_of_work
from estates.errors import (
    AboveOwn,
    LastManager,
    MemberNotFound,
    RoleBuiltIn,
    RoleExists,
    RoleNotFound,
)
from estates.members import Member
from estates.models import Estate, Membership, Role, RoleGrant
from estates.permissions import Permission, RoleKey, permissions_of, require
from estates.services.holding import hold_estate, words_of
from estates.services.people import end_membership, grant_role, outdate, revoke_role

#: The key of an estate's own role begins so: it never stands in for a built-in one.
OWN = "own-"
#: A role of its own that an estate may have.
MOST_ROLES = 50


class TooManyRoles(Invalid):
    code = "too_many_roles"
    title = "An estate has at most 50 roles of its own"


class ExpiryPast(Invalid):
    code = "expiry_past"
    title = "This time is over already"


def add_role(*, actor: Member, estate: Estate, name: str, permissions: Collection[Permission]) -> Role:
    """A role of the estate's own. Raises `AboveOwn`, `NameMissing`, `RoleExists`, `TooManyRoles`."""
    require(actor, Permission.MANAGE_ROLES, estate)
    must_reach(actor, permissions)
    with unit_of_work():
        hold_estate(estate)
        words = _free_name(estate, name)
        own = Role.objects.filter(estate=estate)
        if own.count() >= MOST_ROLES:
            raise TooManyRoles
        role = Role.objects.create(
            estate=estate, key=_free_key(estate, words), name=words, permissions=_values(permissions)
        )
        record(
            actor,
            "estates.role.created",
            role,
            {"name": words, "permissions": role.permissions},
            estate_id=estate.pk,
        )
        return role


def change_role(
    *,
    actor: Member,
    estate: Estate,
    key: str,
    name: str | None = None,
    permissions: Collection[Permission] | None = None,
) -> Role:
    """Another name, other permissions; None leaves one as it is. Who holds it is asked to come back within seconds.

    Raises `AboveOwn` (for the old permissions as for the new ones), `NameMissing`, `RoleBuiltIn`, `RoleExists`,
    `RoleNotFound`.
    """
    require(actor, Permission.MANAGE_ROLES, estate)
    with unit_of_work():
        hold_estate(estate)
        role = _own_role(estate, key)
        must_reach(actor, permissions_in(role))
        changes: dict[str, object] = {}
        if name is not None and (words := _free_name(estate, name, besides=role)) != role.name:
            changes["name"], role.name = [role.name, words], words
        if permissions is not None and (values := _values(permissions)) != role.permissions:
            must_reach(actor, permissions)
            changes["permissions"], role.permissions = [role.permissions, values], values
        if not changes:
            return role
        role.save(update_fields=["name", "permissions"])
        if "permissions" in changes:
            outdate(Membership.objects.of(estate).filter(role_grants__role=role))
        record(actor, "estates.role.changed", role, changes, estate_id=estate.pk)
        return role


def remove_role(*, actor: Member, estate: Estate, key: str) -> None:
    """Delete a role of the estate's own; whoever held it does so no longer. Raises as `change_role`."""
    require(actor, Permission.MANAGE_ROLES, estate)
    with unit_of_work():
        hold_estate(estate)
        role = _own_role(estate, key)
        must_reach(actor, permissions_in(role))
        holders = Membership.objects.of(estate).filter(role_grants__role=role)
        outdate(holders)
        record(
            actor,
            "estates.role.removed",
            role,
            {"name": role.name, "holders": holders.count()},
            estate_id=estate.pk,
        )
        role.delete()


def give_role(
    *, actor: Member, estate: Estate, member_id: UUID, key: str, expires_at: datetime | None = None
) -> RoleGrant:
    """Give a member a role, for good or until `expires_at`.

    Raises `AboveOwn`, `ExpiryPast`, `LastManager`, `MemberNotFound`, `RoleNotFound`.
    """
    require(actor, Permission.MANAGE_ROLES, estate)
    if expires_at is not None and expires_at <= now():
        raise ExpiryPast(field="expires_at")
    with unit_of_work():
        hold_estate(estate)
        membership, role = _member(estate, member_id), find_role(estate, key)
        must_reach(actor, permissions_in(role))
        grant = grant_role(actor=actor, membership=membership, role=role, expires_at=expires_at)
        _must_have_manager(estate)
        return grant


def take_role(*, actor: Member, estate: Estate, member_id: UUID, key: str) -> None:
    """Take a role away; open sockets of who has fewer close within seconds. Taking what is not held changes nothing.

    Raises `AboveOwn`, `LastManager`, `MemberNotFound`, `RoleNotFound`.
    """
    require(actor, Permission.MANAGE_ROLES, estate)
    with unit_of_work():
        hold_estate(estate)
        membership, role = _member(estate, member_id), find_role(estate, key)
        must_reach(actor, permissions_in(role))
        if RoleGrant.objects.of(estate).filter(membership=membership, role=role).exists():
            revoke_role(actor=actor, membership=membership, role=role)
            _must_have_manager(estate)


def dismiss_member(*, actor: Member, estate: Estate, member_id: UUID) -> None:
    """The person leaves the estate: no role, no home, no access any more. An invitation is withdrawn so.

    Raises `AboveOwn`, `LastManager`, `MemberNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        membership = _member(estate, member_id, Membership.Status.PENDING)
        grants = RoleGrant.objects.of(estate).filter(membership=membership).select_related("role")
        for grant in grants:
            must_reach(actor, permissions_in(grant.role))
        end_membership(actor=actor, membership=membership)
        _must_have_manager(estate)


def permissions_in(role: Role) -> frozenset[Permission]:
    """What the role allows: a built-in one by the matrix, an estate's own by its row."""
    if role.estate_id is None:
        return permissions_of([role.key])
    known = {permission.value for permission in Permission}
    return frozenset(Permission(value) for value in role.permissions if value in known)


def must_reach(actor: Member, permissions: Collection[Permission]) -> None:
    """Raises `AboveOwn`."""
    # A manager appoints guards without being one: the estate is his, and above him there is nobody. Nor does support
    # hold what it appoints people to: an estate without its manager is what it is called for.
    is_free = RoleKey.MANAGER in actor.role_keys or actor.kind == "support"
    if Permission.RUN_PLATFORM in permissions or (not is_free and not set(permissions) <= actor.permissions):
        raise AboveOwn


def has_manager(estate: Estate, *, besides: UUID | None = None) -> bool:
    """One who stays: neither with an end nor switched off. `besides`: a user who does not count."""
    managers = RoleGrant.objects.of(estate).filter(
        role__key=RoleKey.MANAGER,
        role__estate__isnull=True,
        expires_at__isnull=True,
        membership__status=Membership.Status.ACTIVE,
        membership__user__is_active=True,
    )
    return managers.exclude(membership__user_id=besides).exists() if besides else managers.exists()


def _must_have_manager(estate: Estate) -> None:
    """Raises `LastManager`."""
    if not has_manager(estate):
        raise LastManager


def _member(estate: Estate, member_id: UUID, *also: Membership.Status) -> Membership:
    members = Membership.objects.of(estate).filter(status__in=[Membership.Status.ACTIVE, *also])
    membership = members.select_for_update(no_key=True).filter(pk=member_id).first()
    if membership is None:
        raise MemberNotFound
    return membership


def find_role(estate: Estate, key: str) -> Role:
    """A built-in one, or one of the estate's own. Raises `RoleNotFound`."""
    role = Role.objects.filter(Q(estate=estate) | Q(estate__isnull=True), key=key).first()
    if role is None:
        raise RoleNotFound
    return role


def _own_role(estate: Estate, key: str) -> Role:
    role = find_role(estate, key)
    if role.estate_id is None:
        raise RoleBuiltIn
    return role


def _free_name(estate: Estate, given: str, *, besides: Role | None = None) -> str:
    words = words_of(given, "name")
    others = Role.objects.filter(Q(estate=estate) | Q(estate__isnull=True), name__iexact=words)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        raise RoleExists(field="name")
    return words


def _free_key(estate: Estate, name: str) -> str:
    stem = f"{OWN}{slugify(name)}"[:40].rstrip("-")
    taken = set(Role.objects.filter(estate=estate).values_list("key", flat=True))
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in range(1, MOST_ROLES + 2))
    return next(key for key in candidates if key not in taken)


def _values(permissions: Collection[Permission]) -> list[str]:
    return sorted({permission.value for permission in permissions})
