"""What a provider reports about a message: by callback or when asked, late, twice, in any order."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from core.clock import now
from notifications import metrics
from notifications.models import Delivery
from notifications.services.advancing import advance_one
from notifications.services.withdrawing import hang_up_if_withdrawn
from notifications.sms.base import Report
from notifications.states import MACHINE, UNPROVEN, WITHDRAWN, State, Work

#: Without a callback for this long, the provider is asked. (emergency, otherwise)
ASK_AFTER: Final = {True: timedelta(seconds=10), False: timedelta(minutes=2)}
#: After this long it is no longer asked: many carriers never say that a text arrived.
ASK_UNTIL: Final = {True: timedelta(minutes=15), False: timedelta(days=1)}
BY_MACHINE: Final = "Answered by a machine"
#: How long to wait before a text that was not delivered is sent once more.
RESEND_AFTER: Final = {True: timedelta(seconds=3), False: timedelta(minutes=1)}


def apply_report(delivery_id: UUID, report: Report) -> None:
    """Take a provider's word for how far a message came.

    Good news counts whichever attempt it is about. Bad news counts for the present attempt only: an earlier one's
    failure is why there is a present one.
    """
    with transaction.atomic():
        row = _locked(delivery_id)
        is_present = _is_present(row, report.provider_id)
        if report.state == State.DELIVERED and is_present and row.error_code == MACHINE:
            # The call is over, and all that has heard it is a machine.
            report = Report(provider_id=report.provider_id, state=State.FAILED, code=MACHINE, permanent=True)
        if report.state == State.FAILED:
            if is_present:
                _undelivered(row, report)
            return
        advance_one(row, report.state)


def note_machine(delivery_id: UUID, provider_id: str) -> None:
    """A machine has answered the call. It is not known to have reached anybody, whatever else is said of it."""
    with transaction.atomic():
        row = _locked(delivery_id)
        if _is_present(row, provider_id) and row.state not in (State.ACKNOWLEDGED, State.FAILED):
            rows = Delivery.objects.across_estates().filter(pk=row.pk)
            rows.update(error_code=MACHINE, error=BY_MACHINE)


def note_person(delivery_id: UUID, provider_id: str) -> None:
    """A key was pressed: whatever had sounded like a machine is a person, and has heard it."""
    with transaction.atomic():
        row = _locked(delivery_id)
        if row.error_code == MACHINE:
            Delivery.objects.across_estates().filter(pk=row.pk).update(error_code="", error="")
        _is_present(row, provider_id)
        advance_one(row, State.DELIVERED)


def remember_id(delivery_id: UUID, provider: str, provider_id: str) -> None:
    """Keep the id of a message that exists for this delivery, whatever else is known about it."""
    with transaction.atomic():
        row = _locked(delivery_id)
        if provider_id in (row.provider_id, *row.former_provider_ids):
            return
        rows = Delivery.objects.across_estates().filter(pk=row.pk)
        if row.provider_id:
            rows.update(former_provider_ids=[*row.former_provider_ids, provider_id])
        else:
            rows.update(provider=provider, provider_id=provider_id)


def give_back(delivery_id: UUID, provider: str, provider_id: str) -> None:
    """Take a message from any other delivery that was given it when it was looked for.

    Two texts with the same number and words can only be told apart by the provider's answer and by its callback's
    address. The other one has to look again.
    """
    holder = Delivery.objects.across_estates().filter(provider=provider, provider_id=provider_id)
    holder = holder.exclude(pk=delivery_id)
    if not holder.exists():
        return
    holder.filter(state__in=UNPROVEN).update(provider_id="", work=Work.RECONCILE, due_at=now())
    holder.update(provider_id="")


def confirm_later(row: Delivery) -> dict[str, Any]:
    """The changes that let the sweeper ask for news after a while: each time the wait is as long as all before."""
    at = now()
    age = at - (row.attempted_at or at)
    if age > ASK_UNTIL[row.is_emergency]:
        return {"work": Work.NONE, "due_at": None}
    return {"work": Work.CONFIRM, "due_at": at + max(age, ASK_AFTER[row.is_emergency])}


def _locked(delivery_id: UUID) -> Delivery:
    # SQLite has no row locks and needs none: its transactions begin with the write lock.
    return Delivery.objects.across_estates().select_for_update(of=("self",)).get(pk=delivery_id)


def _is_present(row: Delivery, provider_id: str) -> bool:
    """Whether the report is about the present attempt; learns the message's id where we never got it."""
    if row.provider_id:
        return row.provider_id == provider_id
    if provider_id in row.former_provider_ids:
        return False
    changes: dict[str, Any] = {"provider_id": provider_id}
    if row.work == Work.RECONCILE:
        # The proof that an ambiguous attempt arrived.
        changes |= {"error_code": "", "error": "", **confirm_later(row)}
        row.work = changes["work"]
    give_back(row.pk, row.provider, provider_id)
    Delivery.objects.across_estates().filter(pk=row.pk).update(**changes)
    hang_up_if_withdrawn(row)
    return True


def _undelivered(row: Delivery, report: Report) -> None:
    metrics.count_problem(row.provider, report.code)
    if row.state not in UNPROVEN or row.work == Work.SEND:
        return
    if report.code == "canceled" and row.withdrawn_at is not None:
        advance_one(row, State.EXPIRED, error_code=WITHDRAWN)
    elif report.permanent:
        words = report.detail or (BY_MACHINE if report.code == MACHINE else row.error)
        advance_one(row, State.FAILED, error_code=report.code, error=words)
    elif row.expires_at <= now():
        advance_one(row, State.EXPIRED, error_code=report.code)
    else:
        again_at = min(now() + RESEND_AFTER[row.is_emergency] * row.attempt, row.expires_at)
        Delivery.objects.across_estates().filter(pk=row.pk).update(
            work=Work.SEND, due_at=again_at, error_code=report.code, error="The carrier could not deliver it"
        )
