"""What the end of a call to a provider means for the delivery."""

from datetime import datetime, timedelta
from random import uniform
from typing import Any, Final

from django.db import IntegrityError, transaction

from core.clock import now
from notifications import metrics
from notifications.models import Delivery
from notifications.services.advancing import advance, advance_one
from notifications.services.claiming import claimed
from notifications.services.reporting import apply_report, confirm_later, give_back, remember_id
from notifications.services.withdrawing import hang_up_if_withdrawn
from notifications.sms.base import Accepted, Ambiguous, Refused, Report, SendResult, Sighting, Throttled
from notifications.states import UNPROVEN, Channel, State, Work

AMBIGUOUS: Final = "ambiguous"
#: A telephone that was to ring no longer has stopped by itself after this.
RINGS_AT_MOST: Final = timedelta(seconds=60)


def record_sent(row: Delivery, result: SendResult) -> None:
    """The end of an attempt to send."""
    match result:
        case Accepted():
            _accepted(row, result)
        case Refused(code=code, permanent=True):
            _refused(row, code, result.detail)
        case Refused(code=code):
            _try_again(row, code, result.detail, delay_s=backoff_s(row))
        case Throttled(retry_after=wait, code=code):
            _try_again(row, code, "The provider asked us to slow down", delay_s=max(wait, backoff_s(row)))
        case Ambiguous(detail=detail):
            metrics.count_problem(row.provider, AMBIGUOUS)
            # Not if a callback has proved meanwhile that it exists.
            claimed(row).filter(work=Work.RECONCILE, provider_id="").update(
                due_at=_after(row, backoff_s(row, first=1)),
                error_code=AMBIGUOUS,
                error=detail[:300],
            )


def record_found(row: Delivery, sightings: list[Sighting] | None) -> None:
    """The end of looking for a message that may exist. None: the provider could not be asked."""
    if sightings and (found := _ours(row, sightings)) and _adopt(row, found):
        return
    unsure = claimed(row).filter(work=Work.RECONCILE)
    if row.is_emergency:
        # Rather twice than never.
        unsure.update(work=Work.SEND, due_at=now())
    elif sightings is None and row.expires_at > now():
        unsure.update(due_at=_after(row, backoff_s(row)))
    else:
        advance(
            unsure,
            State.FAILED,
            channel=row.channel,
            error_code=AMBIGUOUS,
            error="It is not known whether the provider sent it",
        )


def record_asked(row: Delivery, report: Report | None, *, answered: bool) -> None:
    """The end of asking what became of a message. `report` None: no such message, or (`answered` False) no answer."""
    if report is not None:
        apply_report(row.pk, report)
    waiting = claimed(row).filter(work=Work.CONFIRM)
    later = (
        confirm_later(row) if answered is False or report is not None else {"work": Work.NONE, "due_at": None}
    )
    waiting.update(**later)


def record_hung_up(row: Delivery, report: Report | None, *, answered: bool) -> None:
    """The end of taking back a call that rang. None: it does not ring any more, or (`answered` False) no answer."""
    if report is not None:
        apply_report(row.pk, report)
    waiting = claimed(row).filter(work=Work.HANG_UP)
    if not answered and now() - (row.withdrawn_at or now()) < RINGS_AT_MOST:
        waiting.update(due_at=now() + timedelta(seconds=1))
        return
    # What became of it is told, or asked for, as of any other.
    waiting.filter(state__in=UNPROVEN).update(**confirm_later(row))
    waiting.update(work=Work.NONE, due_at=None)


def refuse(row: Delivery, code: str, detail: str) -> None:
    """It cannot be sent, so that no provider is asked."""
    unsent = claimed(row).filter(work=Work.SEND)
    advance(unsent, State.FAILED, channel=row.channel, error_code=code, error=detail)


def expire(row: Delivery) -> None:
    """It was not sent while it was worth sending."""
    unsent = claimed(row).filter(work=Work.SEND, expires_at__lte=now())
    advance(unsent, State.EXPIRED, channel=row.channel, error_code=row.error_code or "too_late")


def backoff_s(row: Delivery, *, first: float | None = None) -> float:
    """Seconds until the next try: doubling, with jitter so that a crowd does not come back at once."""
    start, most = (2.0, 15.0) if row.is_emergency else (30.0, 900.0)
    doublings = min(max(row.attempt - 1, 0), 10)
    step = (first or start) * 2.0**doublings
    return min(step, most) * uniform(0.8, 1.0)  # noqa: S311 - nobody gains by guessing it


def _accepted(row: Delivery, result: Accepted) -> None:
    try:
        with transaction.atomic():
            _take_answer(row, result)
    except IntegrityError:
        # A delivery with the same number and words was given this message when it looked for its own.
        with transaction.atomic():
            give_back(row.pk, row.provider, result.provider_id)
            _take_answer(row, result)


def _take_answer(row: Delivery, result: Accepted) -> None:
    changes: dict[str, Any] = {"provider_id": result.provider_id, "error_code": "", "error": ""}
    changes |= confirm_later(row) if result.state == State.ACCEPTED else {"work": Work.NONE, "due_at": None}
    unsure = claimed(row).filter(work=Work.RECONCILE)
    if not advance(unsure, result.state, channel=row.channel, accepted_at=now(), **changes):
        if not unsure.update(**changes):
            # A callback was faster, or this worker outslept its lease: the message exists all the same.
            remember_id(row.pk, row.provider, result.provider_id)
        advance_one(row, result.state)
    hang_up_if_withdrawn(row)


def _refused(row: Delivery, code: str, detail: str) -> None:
    metrics.count_problem(row.provider, code)
    unsure = claimed(row).filter(work=Work.RECONCILE)
    advance(unsure, State.FAILED, channel=row.channel, error_code=code, error=detail[:300])


def _try_again(row: Delivery, code: str, detail: str, *, delay_s: float) -> None:
    metrics.count_problem(row.provider, code)
    claimed(row).filter(work=Work.RECONCILE).update(
        work=Work.SEND, due_at=_after(row, delay_s), error_code=code, error=detail[:300]
    )


def _after(row: Delivery, delay_s: float) -> datetime:
    """In `delay_s` seconds, but not later than its end: the record then says that it expired when it did."""
    at = now()
    return min(at + timedelta(seconds=delay_s), max(row.expires_at, at + timedelta(seconds=1)))


def _ours(row: Delivery, sightings: list[Sighting]) -> Sighting | None:
    """A message that can only be this delivery's, among those with its number and words.

    Others may be under way with the same number and words. Of as many messages as there are such rivals, none is
    surely ours. Rivals are counted before owners are looked up: one that gets its answer in between is then counted
    twice, never not at all.
    """
    same_number = Delivery.objects.across_estates().filter(address=row.address, provider=row.provider)
    unsure = same_number.filter(work=Work.RECONCILE, provider_id="", channel=row.channel).exclude(pk=row.pk)
    # A provider does not say what was said in a call: of several to one number, each may be any of them.
    rivals = unsure.count() if row.channel == Channel.VOICE else unsure.filter(body=row.body).count()
    ids = [sighting.report.provider_id for sighting in sightings]
    owned = set(same_number.filter(provider_id__in=ids).values_list("provider_id", flat=True))
    lately = now() - timedelta(days=1)
    for former in same_number.filter(attempted_at__gte=lately).values_list("former_provider_ids", flat=True):
        owned.update(former)
    free = [sighting for sighting in sightings if sighting.report.provider_id not in owned]
    return free[0] if len(free) > rivals else None


def _adopt(row: Delivery, sighting: Sighting) -> bool:
    changes: dict[str, Any] = {"provider_id": sighting.report.provider_id, "error_code": "", "error": ""}
    try:
        with transaction.atomic():
            taken = claimed(row).filter(work=Work.RECONCILE).update(**changes, **confirm_later(row))
    except IntegrityError:
        # A rival took it in this very moment.
        return False
    if taken:
        advance_one(row, State.ACCEPTED)
        hang_up_if_withdrawn(row)
        apply_report(row.pk, sighting.report)
    return True
