"""Looks over the sweeper's shoulder: no open alert may wait for nothing.

Runs apart from the sweeper, looks at the rows and not at what the sweeper believes, says what it finds in metrics, in
the log and in its own row (which `/readyz` reads), and mends it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from core.actors import SYSTEM
from core.clock import now
from core.metrics import counter, gauge
from core.unit_of_work import unit_of_work
from emergency.models import Alert, AlertStep, AuditorRun, Responder
from emergency.services.repairing import restore_ladder, restore_responder
from emergency.services.sweeping import climb
from emergency.states import TAKEN, State

#: A step that waits longer than this after its time was forgotten: the sweeper runs twice a second.
OVERDUE_AFTER = timedelta(seconds=5)
NAME = "emergency"

log = logging.getLogger(__name__)
violations_total = counter(
    "emergency_auditor_violations_total", "Open alerts found without a way on", ["kind"]
)
violations_now = gauge("emergency_alerts_without_way_on", "Open alerts without a way on, at the last look")
overdue_s = gauge("emergency_oldest_overdue_step_seconds", "How long the oldest due step has been waiting")
last_run = gauge("emergency_auditor_last_run_timestamp_seconds", "When the auditor last looked")


@dataclass(frozen=True, slots=True)
class AuditorStatus:
    """`last_run_at`: None before the first look. `violations`: found then. `oldest_overdue_s`: 0 where none was due."""

    last_run_at: datetime | None
    violations: int
    oldest_overdue_s: float


@dataclass(frozen=True, slots=True)
class Violation:
    """`kind`: "no_next_step", "overdue" or "no_responder"."""

    kind: str
    estate_id: UUID
    alert_id: UUID


def status() -> AuditorStatus:
    """What the auditor found when it last looked."""
    row = AuditorRun.objects.filter(name=NAME).first()
    if row is None:
        return AuditorStatus(last_run_at=None, violations=0, oldest_overdue_s=0.0)
    return AuditorStatus(row.last_run_at, row.violations, row.oldest_overdue_s)


def audit_alerts() -> list[Violation]:
    """Look at every open alert, mend what is wrong, and leave word of having looked. Returns what was found."""
    oldest_s = _oldest_overdue_s()
    found = [*_without_next_step(), *_overdue(), *_without_responder()]
    for violation in found:
        violations_total.labels(violation.kind).inc()
        log.error("Alert %s: %s", violation.alert_id, violation.kind.replace("_", " "))
        try:
            _mend(violation)
        except Exception:
            log.exception("Alert %s could not be mended", violation.alert_id)
    AuditorRun.objects.update_or_create(
        name=NAME,
        defaults={"last_run_at": now(), "violations": len(found), "oldest_overdue_s": oldest_s},
    )
    violations_now.set(len(found))
    overdue_s.set(oldest_s)
    last_run.set(now().timestamp())
    return found


def _mend(violation: Violation) -> None:
    if violation.kind == "overdue":
        climb(violation.estate_id, violation.alert_id)
        return
    with unit_of_work():
        alert = (
            Alert.objects.of(violation.estate_id).select_for_update(no_key=True).get(pk=violation.alert_id)
        )
        if violation.kind == "no_responder":
            restore_responder(alert, SYSTEM)
        else:
            restore_ladder(alert, SYSTEM)


def _without_next_step() -> list[Violation]:
    waiting = Alert.objects.across_estates().filter(state__in=[State.COUNTDOWN, State.ACTIVE])
    forgotten = waiting.filter(~Exists(_pending_steps().filter(alert=OuterRef("pk"))))
    return [Violation("no_next_step", *row) for row in forgotten.values_list("estate_id", "pk")]


def _without_responder() -> list[Violation]:
    """An acknowledged alert has a responder; without one nobody is on the way, and nothing would say so."""
    taken = Alert.objects.across_estates().filter(state__in=TAKEN)
    deserted = taken.filter(~Exists(Responder.objects.across_estates().filter(alert=OuterRef("pk"))))
    return [Violation("no_responder", *row) for row in deserted.values_list("estate_id", "pk")]


def _overdue() -> list[Violation]:
    late = _pending_steps().filter(due_at__lt=now() - OVERDUE_AFTER).filter(_waiting())
    return [
        Violation("overdue", *row) for row in late.order_by().values_list("estate_id", "alert_id").distinct()
    ]


def _oldest_overdue_s() -> float:
    oldest = _pending_steps().filter(_waiting()).aggregate(due_at=Min("due_at"))["due_at"]
    return max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0


def _pending_steps() -> QuerySet[AlertStep]:
    return AlertStep.objects.across_estates().filter(state=AlertStep.State.PENDING)


def _waiting() -> Q:
    return Q(alert__state__in=[State.COUNTDOWN, State.ACTIVE])
