"""Mending an alert that waits for nothing. The auditor calls this; it should never have to."""

from core.actors import Actor
from core.clock import now
from core.shapes import plain
from emergency.models import Alert, AlertStep, Responder
from emergency.policies import read_steps
from emergency.services.ladder import end_countdown, start_countdown, start_ladder
from emergency.services.record import note_down
from emergency.states import TAKEN, State


def restore_ladder(alert: Alert, actor: Actor) -> None:
    """Give a countdown its end, and an active alert its ladder or the next round of it. The caller holds the alert."""
    if alert.state not in (State.COUNTDOWN, State.ACTIVE) or _has_pending(alert):
        return
    note_down(alert, "repaired", actor, "No next step was planned; the ladder was restored.")
    if alert.state == State.COUNTDOWN:
        _restore_countdown(alert)
        return
    rounds = _next_rounds(alert)
    if rounds:
        AlertStep.objects.bulk_create(rounds)
    else:
        start_ladder(alert)
        Alert.objects.of(alert.estate_id).filter(pk=alert.pk).update(proof=alert.proof)


def restore_responder(alert: Alert, actor: Actor) -> None:
    """Who acknowledged an alert is its responder. The caller holds the alert."""
    if alert.state not in TAKEN or alert.acknowledged_by_id is None:
        return
    _, is_new = Responder.objects.across_estates().get_or_create(
        estate_id=alert.estate_id, alert=alert, member_id=alert.acknowledged_by_id
    )
    if is_new:
        note_down(alert, "repaired", actor, "The acknowledger was missing among the responders.")


def _restore_countdown(alert: Alert) -> None:
    ends = AlertStep.objects.of(alert.estate_id).filter(alert=alert, order=AlertStep.COUNTDOWN_END)
    if ends.exists() or alert.countdown_ends_at is None:
        end_countdown(alert)
    else:
        start_countdown(alert, alert.countdown_ends_at)


def _has_pending(alert: Alert) -> bool:
    return AlertStep.objects.of(alert.estate_id).filter(alert=alert, state=AlertStep.State.PENDING).exists()


def _next_rounds(alert: Alert) -> list[AlertStep]:
    """The next round of each step that repeats, due now; nothing where the ladder was never begun."""
    taken = {
        (row.order, row.repeat): row for row in AlertStep.objects.of(alert.estate_id).filter(alert=alert)
    }
    orders = {order for order, _ in taken if order != AlertStep.COUNTDOWN_END}
    if not orders:
        return []
    rounds = []
    for order, step in enumerate(read_steps(alert.policy["steps"])):
        if not step.repeat_every_s and order in orders:
            continue
        repeats = [repeat for known, repeat in taken if known == order]
        rounds.append(
            AlertStep(
                estate_id=alert.estate_id,
                alert=alert,
                order=order,
                repeat=max(repeats, default=-1) + 1,
                due_at=now(),
                spec=plain(step),
            )
        )
    return rounds
