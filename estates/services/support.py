"""Support access begins, announced; and ends, by its time or by somebody's hand."""

from datetime import timedelta
from uuid import UUID

from core.actors import SYSTEM, Actor
from core.audit import record
from core.clock import now
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.errors import BelongsThere, EstateSuspended, ReasonMissing, SupportNotFound, SupportOpen
from estates.members import Member
from estates.models import Estate, Membership, SupportAccess
from estates.permissions import Permission, require
from estates.support import SupportChange, react
from estates.supporters import as_supporter, open_support

#: Hours for which it can be asked for.
LONGEST_H = 4.0


def start_support(*, actor: Member, estate: Estate, reason: str, hours: float) -> SupportAccess:
    """Let a platform admin (`platform_admin_at`) in. Raises `BelongsThere` where he is a member, `EstateSuspended`,
    `ReasonMissing`, `SupportOpen` where he is in already.
    """
    require(actor, Permission.RUN_PLATFORM, estate)
    words = clean_text(reason)
    if not words:
        raise ReasonMissing(field="reason")
    with unit_of_work():
        # One at a time: two would each find no other.
        estate = Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)
        if estate.is_suspended:
            raise EstateSuspended
        belongs = Membership.objects.of(estate).filter(user=actor.user_id, status=Membership.Status.ACTIVE)
        if belongs.exists():
            raise BelongsThere
        if open_support().filter(estate=estate, user=actor.user_id).exists():
            raise SupportOpen
        access = SupportAccess.objects.create(
            estate=estate,
            user_id=actor.user_id,
            name=actor.name,
            reason=words,
            started_at=now(),
            expires_at=now() + timedelta(hours=min(hours, LONGEST_H)),
        )
        himself = as_supporter(access)
        told = {"reason": words, "expires_at": access.expires_at.isoformat()}
        record(himself, "estates.support.started", access, told)
        react(SupportChange(access=access, estate=estate, actor=himself, is_start=True))
        return access


def end_support(*, actor: Member, estate: Estate, access_id: UUID) -> None:
    """End it at once; sockets close within seconds. Done again it changes nothing. Raises `SupportNotFound`, also for
    an admin who means another one's.
    """
    require(actor, Permission.END_SUPPORT, estate)
    with unit_of_work():
        access = SupportAccess.objects.of(estate).filter(pk=access_id).first()
        if access is None or (actor.kind == "support" and access.pk != actor.id):
            raise SupportNotFound
        _end(access, estate, by=actor)


def note_look(*, actor: Member, estate: Estate, address: str) -> None:
    """Put on the record what somebody who is here for support has opened. What he changes stands there anyway."""
    with unit_of_work():
        record(actor, "estates.support.looked", estate, {"at": address[:300]}, estate_id=estate.pk)


def end_lapsed() -> None:
    """Put an end on the record to those that ran out, or whose admin is none any more. Nobody could enter by them."""
    unended = SupportAccess.objects.across_estates().filter(ended_at__isnull=True)
    for access in unended.exclude(pk__in=open_support().values("pk")).select_related("estate"):
        with unit_of_work():
            _end(access, access.estate, by=SYSTEM)


def _end(access: SupportAccess, estate: Estate, *, by: Actor) -> None:
    access.ended_at = min(now(), access.expires_at)
    access.ended_by = by.name
    still_open = SupportAccess.objects.of(estate).filter(pk=access.pk, ended_at__isnull=True)
    # Two may end it at once: one of them does.
    if still_open.update(ended_at=access.ended_at, ended_by=access.ended_by):
        record(by, "estates.support.ended", access, {"name": access.name})
        react(SupportChange(access=access, estate=estate, actor=by, is_start=False))
