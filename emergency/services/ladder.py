"""The ladder of one alert: built when it becomes active, climbed step by step, stopped by an acknowledgement."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from msgspec import convert, structs

from core.actors import SYSTEM
from core.clock import now
from core.metrics import counter, histogram
from core.shapes import plain, read
from core.unit_of_work import collect, unit_of_work, writes_last
from emergency.events import AlertEscalated, AlertRaised, ProofView, StepView
from emergency.models import Alert, AlertStep
from emergency.policies import BY_TELEPHONE, Audience, Channel, Step, read_steps
from emergency.selectors.ladder import channel_now, due_steps
from emergency.selectors.views import fresh_view
from emergency.services.addressing import addressees, begin_round
from emergency.services.audiences import is_guarded
from emergency.services.record import note_down, tell
from emergency.services.transitions import advance, amend
from emergency.states import Action, State
from notifications.selectors import Summary, summary_of
from notifications.services import withdraw

_FIRST_STEPS = "emergency.first_steps"
_AFTER_EVENTS = 1000

log = logging.getLogger(__name__)
taken = counter("emergency_steps_total", "Steps of escalation ladders that were taken", ["channel"])
failed = counter("emergency_step_failures_total", "Steps that could not be taken and stay due")
lateness = histogram("emergency_step_lateness_seconds", "How long after its time a step was taken")


def start_countdown(alert: Alert, ends_at: datetime) -> list[AlertStep]:
    """Tell nobody until `ends_at`; the sweeper takes this step like any other."""
    end = AlertStep(estate_id=alert.estate_id, alert=alert, order=AlertStep.COUNTDOWN_END, due_at=ends_at)
    end.save(force_insert=True)
    return [end]


def end_countdown(alert: Alert) -> None:
    """The alert becomes active: its ladder begins and everybody concerned is told. The caller holds the alert."""
    if not advance(alert, Action.ACTIVATE, activated_at=now()):
        return
    _pending(alert).filter(order=AlertStep.COUNTDOWN_END).update(state=AlertStep.State.DONE, done_at=now())
    note_down(alert, "activated", SYSTEM, "The countdown ended; the responders are told.")
    start_ladder(alert)
    Alert.objects.of(alert.estate_id).filter(pk=alert.pk).update(proof=alert.proof)
    tell(AlertRaised(alert=fresh_view(alert)), alert, SYSTEM)


def start_ladder(alert: Alert) -> list[AlertStep]:
    """Write the policy's steps down with their times. Those that are due at once are taken right after the commit.

    The tablets show the alert as soon as it is committed: they do not wait until it is written down who is to be told.
    `alert.proof` says how many will have been; the caller saves it.
    """
    start = alert.activated_at or alert.raised_at
    plan = _plan(alert)
    rows = [
        AlertStep(
            estate_id=alert.estate_id,
            alert=alert,
            order=order,
            due_at=start + timedelta(seconds=step.after_s),
            spec=plain(step),
        )
        for order, step in enumerate(plan)
    ]
    AlertStep.objects.bulk_create(rows)
    alert.proof = _forecast(alert, [step for step in plan if step.after_s == 0])
    collect(_FIRST_STEPS, (alert.estate_id, alert.pk))
    return rows


@writes_last(_FIRST_STEPS, order=_AFTER_EVENTS)
def _take_first_steps_after_commit(started: list[tuple[UUID, UUID]]) -> None:
    # Hooks run in the order of their registration: the events are announced before this begins.
    def take() -> None:
        for estate_id, alert_id in started:
            _take_first_steps(estate_id, alert_id)

    transaction.on_commit(take, robust=True)


def _take_first_steps(estate_id: UUID, alert_id: UUID) -> None:
    """Take what is due of an alert that has just become active. What cannot be taken stays due for the sweeper."""
    try:
        with unit_of_work():
            alerts = Alert.objects.of(estate_id).select_for_update(no_key=True, of=("self",))
            alert = alerts.select_related("estate", "person__user").get(pk=alert_id)
            if alert.state == State.ACTIVE:
                for step in due_steps(alert):
                    _take_safely(alert, step)
    except Exception:
        failed.inc()
        log.exception("The first steps of alert %s were not taken with the raise", alert_id)


def stop_ladder(alert: Alert) -> None:
    """Somebody has it, or it is over: take no more steps, and take back what has not been sent."""
    _pending(alert).update(state=AlertStep.State.CANCELLED, done_at=now())
    withdraw(subject_id=alert.pk)


def take_step(alert: Alert, step: AlertStep) -> None:
    """Take one due step of an alert that the caller holds, and tell about it. Does nothing if it was taken already."""
    if step.order == AlertStep.COUNTDOWN_END:
        end_countdown(alert)
        return
    if alert.state != State.ACTIVE:
        return
    view = _take(alert, step)
    if view is None:
        return
    amend(alert, proof=proof_now(alert))
    tell(AlertEscalated(alert=fresh_view(alert), step=view), alert, SYSTEM)


def proof_now(alert: Alert) -> dict[str, Any]:
    """The delivery record in numbers, as `ProofView`."""
    return proof_of(summary_of([alert.pk])[alert.pk])


def proof_of(summary: Summary) -> dict[str, Any]:
    """The counts as `ProofView`, JSON-able."""
    counted: dict[str, Any] = plain(convert(summary, ProofView, from_attributes=True))
    return counted


def next_repeat(step: AlertStep, every_s: int) -> AlertStep:
    """The same step's next round. Rounds that were missed while nothing swept are skipped, not made up for."""
    interval = timedelta(seconds=every_s)
    due_at = step.due_at + interval
    if due_at <= now():
        due_at += ((now() - due_at) // interval + 1) * interval
    return AlertStep(
        estate_id=step.estate_id,
        alert_id=step.alert_id,
        order=step.order,
        repeat=step.repeat + 1,
        due_at=due_at,
        spec=step.spec,
    )


def _take_safely(alert: Alert, step: AlertStep) -> None:
    """Take one of the first steps. A fault in it must not cost the others: the sweeper tries again."""
    try:
        with unit_of_work():
            _take(alert, step)
    except Exception:
        failed.inc()
        log.exception("Step %s of alert %s was not taken with the raise", step.name, alert.pk)


def _take(alert: Alert, step: AlertStep) -> StepView | None:
    """Claim the step, write its deliveries and its next round. None where somebody else was first."""
    if not _pending(alert).filter(pk=step.pk).update(state=AlertStep.State.DONE, done_at=now()):
        return None
    spec = read(step.spec, Step)
    begun = begin_round(alert, step, spec)
    if spec.repeat_every_s:
        next_repeat(step, spec.repeat_every_s).save(force_insert=True)
    taken.labels(begun.channel.value).inc()
    lateness.observe(max(0.0, (now() - step.due_at).total_seconds()))
    view = StepView(
        order=step.order,
        repeat=step.repeat,
        channel=begun.channel.value,
        audience=[one.value for one in spec.audience],
        recipients=begun.recipients,
    )
    planned = {} if begun.channel == spec.channel else {"planned_channel": spec.channel.value}
    due_at = step.due_at.isoformat()
    note_down(alert, "step", SYSTEM, begun.in_words, **plain(view), **planned, due_at=due_at)
    return view


def _forecast(alert: Alert, steps: list[Step]) -> dict[str, Any]:
    """The proof as it will be when these steps have been taken. Not knowing costs a number, not the alert."""
    intended = dict.fromkeys(Channel, 0)
    try:
        with transaction.atomic():
            for step in steps:
                channel = channel_now(step.channel)
                intended[channel] += len(addressees(alert, step, channel))
    except Exception:
        log.exception("Who alert %s will go to first is not known yet", alert.pk)
    return proof_of(
        Summary(
            tablets_intended=intended[Channel.WEBSOCKET],
            sms_intended=intended[Channel.SMS],
            calls_intended=intended[Channel.VOICE],
        )
    )


def _plan(alert: Alert) -> list[Step]:
    """The alert's policy. Where no guard is present, its first step by telephone is due at once, and for them too."""
    steps = list(read_steps(alert.policy["steps"]))
    first_out = next((order for order, step in enumerate(steps) if step.channel in BY_TELEPHONE), None)
    if first_out is not None and not is_guarded(alert):
        # Nobody is there to receive the first step, so waiting for receipts would only lose time.
        step = steps[first_out]
        audience = [*step.audience, *({Audience.GUARDS} - set(step.audience))]
        steps[first_out] = structs.replace(step, after_s=0, audience=audience)
    return steps


def _pending(alert: Alert) -> QuerySet[AlertStep]:
    return AlertStep.objects.of(alert.estate_id).filter(alert=alert, state=AlertStep.State.PENDING)
