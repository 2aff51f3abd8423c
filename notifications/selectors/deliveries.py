"""Reads of the delivery record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from core.clock import now
from notifications.models import Delivery
from notifications.states import MACHINE, NOT_WANTED, Channel, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The proof in numbers. `sms_sent`: the provider took it; `sms_failed`: it will not arrive. `calls_answered`: by a
    person; `calls_failed`: nobody, or a machine, picked it up. `pushes`: devices that an emergency called;
    `pushes_received`: those that said so themselves.
    """

    tablets_intended: int = 0
    tablets_received: int = 0
    sms_intended: int = 0
    sms_sent: int = 0
    sms_delivered: int = 0
    sms_failed: int = 0
    calls_intended: int = 0
    calls_answered: int = 0
    calls_failed: int = 0
    pushes_intended: int = 0
    pushes_received: int = 0


_TABLET = Q(channel=Channel.WEBSOCKET)
_SMS = Q(channel=Channel.SMS)
_CALL = Q(channel=Channel.VOICE)
#: Those that call, not those that say afterwards how things stand.
_PUSH = Q(channel=Channel.PUSH, is_emergency=True)
_AT_DEVICE = Q(state__in=[State.RECEIVED, State.SEEN, State.ACKNOWLEDGED])
_TAKEN = Q(accepted_at__isnull=False) | Q(sent_at__isnull=False) | Q(delivered_at__isnull=False)
_LOST = Q(state=State.FAILED) | Q(state=State.EXPIRED) & ~Q(error_code__in=NOT_WANTED)

_HEARD = Q(delivered_at__isnull=False) & ~Q(error_code=MACHINE)

_COUNTS = {
    "tablets_intended": Count("pk", filter=_TABLET),
    "tablets_received": Count("pk", filter=_TABLET & _AT_DEVICE),
    "sms_intended": Count("pk", filter=_SMS),
    "sms_sent": Count("pk", filter=_SMS & _TAKEN),
    "sms_delivered": Count("pk", filter=_SMS & Q(delivered_at__isnull=False)),
    # A report that it arrived after all outweighs our having given it up.
    "sms_failed": Count("pk", filter=_SMS & _LOST & Q(delivered_at__isnull=True)),
    "calls_intended": Count("pk", filter=_CALL),
    "calls_answered": Count("pk", filter=_CALL & _HEARD),
    "calls_failed": Count("pk", filter=_CALL & (_LOST | Q(error_code=MACHINE)) & ~_HEARD),
    "pushes_intended": Count("pk", filter=_PUSH),
    "pushes_received": Count("pk", filter=_PUSH & (_AT_DEVICE | Q(received_at__isnull=False))),
}


def deliveries_of(estate_id: UUID, subject_id: UUID) -> QuerySet[Delivery]:
    """Every delivery about one subject, in the order in which they were intended."""
    return Delivery.objects.of(estate_id).filter(subject_id=subject_id)


def summary_of(subject_ids: Iterable[UUID]) -> dict[UUID, Summary]:
    """Counts for each subject, in one query; a subject without deliveries has a summary of zeros."""
    wanted = list(subject_ids)
    rows: QuerySet[Delivery, Any] = (
        Delivery.objects.across_estates()
        .filter(subject_id__in=wanted)
        .order_by()
        .values("subject_id")
        .annotate(**_COUNTS)
    )
    found = {row["subject_id"]: Summary(**{name: row[name] for name in _COUNTS}) for row in rows}
    return {subject_id: found.get(subject_id, Summary()) for subject_id in wanted}


def unreceived(subject_id: UUID, step: str) -> set[UUID]:
    """Members none of whose devices has confirmed this step's message, whatever their socket looks like.

    A device that was woken, and said so, is one of them.
    """
    rows = Delivery.objects.across_estates().filter(
        subject_id=subject_id,
        step=step,
        channel__in=[Channel.WEBSOCKET, Channel.PUSH],
        member_id__isnull=False,
    )
    reached = rows.filter(_AT_DEVICE).values_list("member_id", flat=True)
    return set(rows.values_list("member_id", flat=True)) - set(reached)


def unreached(subject_id: UUID, step: str) -> set[UUID]:
    """Members whose SMS of this step failed, expired or is being tried again: the next channel's cue."""
    rows = (
        Delivery.objects.across_estates()
        .filter(subject_id=subject_id, step=step, channel=Channel.SMS, member_id__isnull=False)
        .filter(delivered_at__isnull=True)
        .filter(_LOST | ~Q(error_code="") & ~Q(error_code__in=NOT_WANTED))
    )
    return set(rows.values_list("member_id", flat=True))


def get_message(delivery_id: UUID) -> Delivery | None:
    """The text or push of this id, in whichever estate: whoever holds the link in it knows the id alone."""
    messages = Delivery.objects.across_estates().filter(channel__in=[Channel.SMS, Channel.PUSH])
    return messages.filter(pk=delivery_id).first()


def get_call(delivery_id: UUID) -> Delivery | None:
    """The call of this id, in whichever estate: its provider knows the id alone."""
    return Delivery.objects.across_estates().filter(pk=delivery_id, channel=Channel.VOICE).first()


def is_text(delivery_id: UUID) -> bool:
    """Whether there is an SMS delivery of this id, in whichever estate: its provider knows the id alone."""
    return Delivery.objects.across_estates().filter(pk=delivery_id, channel=Channel.SMS).exists()


def overdue(*, grace_s: float = 10) -> int:
    """How many deliveries should have been looked at `grace_s` ago and were not: above zero, no sweeper works."""
    return Delivery.objects.across_estates().filter(due_at__lt=now() - timedelta(seconds=grace_s)).count()
