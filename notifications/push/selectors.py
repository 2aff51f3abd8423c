"""Which browsers can be woken: those whose sign-in holds, of people who are still members."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.sessions import live_sessions
from core.shapes import View
from estates.members import Member
from estates.models import Membership
from notifications.models import Delivery, PushSubscription
from notifications.push.registry import public_key
from notifications.states import Channel, State


class SubscriptionView(View):
    """A device of the caller's that is woken. `last_ok_at`: when its push service last took a message for it."""

    device: str
    user_agent: str
    created_at: datetime
    last_ok_at: datetime | None


class PushView(View):
    """`public_key`: what a browser subscribes with, base64url; null where nothing can be woken here. `devices`: the
    caller's own, the newest first.
    """

    public_key: str | None
    devices: list[SubscriptionView]


def wakeable(estate_id: UUID, member_ids: Iterable[UUID]) -> list[PushSubscription]:
    """Browsers of these members that can be woken now, each with its `membership` and user."""
    rows = _held_by_members().filter(estate_id=estate_id, membership__pk__any_of=list(member_ids))
    return _signed_in(list(rows.order_by("membership_id", "created_at")))


def still_wakeable(delivery: Delivery) -> PushSubscription | None:
    """The browser that a delivery is for; None where it was signed out, or its person left, since it was written."""
    if delivery.member_id is None:
        return None
    rows = _held_by_members().filter(pk=delivery.recipient_key, membership_id=delivery.member_id)
    return next(iter(_signed_in(list(rows))), None)


def called_browsers(estate_id: UUID, subject_id: UUID) -> list[PushSubscription]:
    """Browsers that were called about this subject, or may have been, and can still be told how it stands."""
    calls = Delivery.objects.of(estate_id).filter(
        subject_id=subject_id, channel=Channel.PUSH, is_emergency=True
    )
    # Without an address is one whose person had his account erased.
    calls = calls.exclude(address="")
    called = set(
        calls.exclude(state__in=[State.FAILED, State.EXPIRED]).values_list("recipient_key", flat=True)
    )
    return _signed_in(list(_held_by_members().filter(estate_id=estate_id, pk__in=called))) if called else []


def push_view(actor: Member) -> PushView:
    own = PushSubscription.objects.of(actor.estate_id).filter(membership_id=actor.id)
    rows = _signed_in(list(own.order_by("-created_at")))
    return PushView(public_key=public_key(), devices=[subscription_view(row) for row in rows])


def subscription_view(row: PushSubscription) -> SubscriptionView:
    return SubscriptionView(
        device=row.device,
        user_agent=row.user_agent,
        created_at=row.created_at,
        last_ok_at=row.last_ok_at,
    )


def _held_by_members() -> QuerySet[PushSubscription]:
    return (
        PushSubscription.objects.across_estates()
        .filter(
            membership__status=Membership.Status.ACTIVE,
            membership__user__is_active=True,
            estate__is_suspended=False,
        )
        .select_related("membership__user")
    )


def _signed_in(rows: list[PushSubscription]) -> list[PushSubscription]:
    live = live_sessions(row.session_key for row in rows) if rows else set()
    return [row for row in rows if row.session_key in live]
