"""Platform admins in an estate: who has support access now, and as whom he acts there."""

from collections.abc import Iterable
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.second_factor import TYPES, users_with_second_factor
from core.clock import now
from estates.errors import EstateNotFound, SecondFactorMissing
from estates.members import Member
from estates.models import Estate, SupportAccess
from estates.permissions import FOR_SUPPORT, Permission


def open_support() -> QuerySet[SupportAccess]:
    """Every access that holds now: begun, neither over nor ended, of an admin who still is one and has two factors."""
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=TYPES)
    return (
        SupportAccess.objects.across_estates()
        .filter(
            Exists(factors),
            ended_at__isnull=True,
            expires_at__gt=now(),
            user__is_active=True,
            user__is_platform_admin=True,
            estate__is_suspended=False,
        )
        .select_related("estate")
    )


def supporter_at(user: User, estate_id: UUID, *, session_key: str = "") -> tuple[Estate, Member] | None:
    """The estate, and the admin in it; None where he has no access now."""
    if not user.is_platform_admin:
        return None
    access = open_support().filter(user=user, estate_id=estate_id).order_by("-expires_at").first()
    return None if access is None else (access.estate, as_supporter(access).signed_in(session_key))


def supporters_by_ids(access_ids: Iterable[UUID]) -> dict[UUID, Member]:
    """Those whose access holds now, by its id; without a sign-in behind them."""
    found = open_support().filter(pk__any_of=list(access_ids))
    return {access.pk: as_supporter(access) for access in found}


def as_supporter(access: SupportAccess) -> Member:
    """The admin as he stands on the record and on sockets. It is he by the access: another one is somebody else."""
    assert access.user_id is not None
    return Member(
        kind="support",
        id=access.pk,
        name=access.name,
        estate_id=access.estate_id,
        user_id=access.user_id,
        role_keys=frozenset(),
        permissions=FOR_SUPPORT,
        role_epoch=1,
        roles_until=access.expires_at,
    )


def platform_admin_at(user: object, estate_id: UUID) -> tuple[Estate, Member]:
    """The estate, suspended or not, and the admin before its door: what he does there needs no access.

    Raises `EstateNotFound` for anybody else, and `SecondFactorMissing`.
    """
    admin = require_platform_admin(user)
    estate = Estate.objects.filter(pk=estate_id).first()
    if estate is None:
        raise EstateNotFound
    before_the_door = Member(
        kind="support",
        id=admin.pk,
        name=admin.name,
        estate_id=estate.pk,
        user_id=admin.pk,
        role_keys=frozenset(),
        permissions=frozenset({Permission.RUN_PLATFORM}),
        role_epoch=0,
    )
    return estate, before_the_door


def require_platform_admin(user: object) -> User:
    """Raises `EstateNotFound` for anybody else: there is nothing to find. And `SecondFactorMissing`."""
    if not isinstance(user, User) or not (user.is_active and user.is_platform_admin):
        raise EstateNotFound
    if not users_with_second_factor([user.pk]):
        raise SecondFactorMissing("Platform admins sign in with a second step. Set it up in your account.")
    return user
