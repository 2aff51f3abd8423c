"""What time asks for: steps whose time has come, and news about what was sent.

The database is the clock. Whatever calls this may call it late, twice at once, or after a crash: a step is claimed by a
conditional update and written down together with its deliveries, its next round and its event, or not at all.
"""

import logging
from collections.abc import Sequence
from uuid import UUID

from core.actors import SYSTEM
from core.clock import now
from core.metrics import gauge
from core.unit_of_work import unit_of_work
from emergency.events import AlertProgressed
from emergency.models import Alert, AlertStep
from emergency.selectors.ladder import Watched, due_steps, watched_alerts
from emergency.selectors.views import fresh_view
from emergency.services.ladder import failed, proof_now, proof_of, take_step
from emergency.services.record import tell
from emergency.services.transitions import amend
from notifications.selectors import summary_of

log = logging.getLogger(__name__)
watched_gauge = gauge("emergency_watched_alerts", "Alerts that the sweeper looks after")


def sweep() -> None:
    """Take every step that is due and tell every change of the proof. One query when there is nothing to look after."""
    watched = watched_alerts()
    watched_gauge.set(len(watched))
    if not watched:
        return
    at = now()
    for one in sorted(watched, key=lambda one: one.due_at or at):
        if one.due_at is not None and one.due_at <= at:
            climb(one.estate_id, one.alert_id)
    tell_progress(watched)


def climb(estate_id: UUID, alert_id: UUID) -> None:
    """Take the due steps of one alert, each in a transaction of its own: one that fails holds up no other."""
    alert = Alert.objects.of(estate_id).get(pk=alert_id)
    for step in due_steps(alert):
        try:
            _climb_one(alert, step)
        except Exception:
            failed.inc()
            log.exception("Step %s of alert %s could not be taken; it stays due", step.name, alert_id)


def tell_progress(watched: Sequence[Watched]) -> None:
    """Tell where the delivery record has moved on since it was last told: at most once a sweep for each alert."""
    summaries = summary_of([one.alert_id for one in watched])
    for one in watched:
        if proof_of(summaries[one.alert_id]) != one.proof:
            try:
                _tell_proof(one)
            except Exception:
                log.exception(
                    "The progress of alert %s could not be told; the next sweep tries again", one.alert_id
                )


def _climb_one(alert: Alert, step: AlertStep) -> None:
    with unit_of_work():
        held = _hold_if_free(alert.estate_id, alert.pk)
        if held is not None:
            take_step(held, step)


def _tell_proof(one: Watched) -> None:
    with unit_of_work():
        alert = _hold_if_free(one.estate_id, one.alert_id)
        if alert is None:
            return
        proof = proof_now(alert)
        if proof == alert.proof:
            return
        amend(alert, proof=proof)
        tell(AlertProgressed(alert=fresh_view(alert)), alert, SYSTEM)


def _hold_if_free(estate_id: UUID, alert_id: UUID) -> Alert | None:
    """The alert, locked until the commit; None while somebody else works on it: the next sweep comes soon."""
    alerts = Alert.objects.of(estate_id).select_for_update(skip_locked=True, no_key=True)
    return alerts.filter(pk=alert_id).first()
