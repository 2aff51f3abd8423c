"""Taking an incident report out of the house."""

from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from core import audit
from core.clock import now
from core.unit_of_work import unit_of_work
from emergency.models import Alert
from emergency.report.as_csv import report_as_csv
from emergency.report.contents import Report
from emergency.selectors.alerts import get_alert
from emergency.selectors.record import delivery_view, timeline_of, timeline_view
from emergency.selectors.views import view_of
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require
from notifications.selectors import deliveries_of


class ReportKind(StrEnum):
    PDF = "pdf"
    CSV = "csv"


def take_report(*, actor: Member, estate: Estate, alert_id: UUID, kind: ReportKind) -> tuple[bytes, int]:
    """The report on one alert as a file, and the alert's number. That it was taken stands on the audit log.

    Responders get the delivery matrix with it; the person in need does not learn whose telephone was rung.
    Raises `AlertNotFound`.
    """
    report = draw_up_report(actor=actor, estate=estate, alert_id=alert_id)
    file = _written(report, kind)
    with unit_of_work():
        audit.record(
            actor,
            "emergency.report.taken",
            Alert(pk=alert_id, estate_id=estate.pk),
            {"kind": kind.value},
        )
    return file, report.alert.number


def draw_up_report(*, actor: Member, estate: Estate, alert_id: UUID) -> Report:
    """What the actor may know of the alert now. Raises `AlertNotFound`."""
    require(actor, Permission.READ_OWN_ALERTS, estate)
    alert = get_alert(actor, estate, alert_id)
    told = deliveries_of(estate.pk, alert.pk) if actor.may(Permission.READ_ALERTS) else None
    return Report(
        estate=estate.name,
        zone=ZoneInfo(estate.time_zone),
        alert=view_of(alert),
        timeline=[timeline_view(entry) for entry in timeline_of(alert)],
        deliveries=None if told is None else [delivery_view(row) for row in told],
        taken_by=actor.name,
        taken_at=now(),
    )


def _written(report: Report, kind: ReportKind) -> bytes:
    if kind is ReportKind.CSV:
        return report_as_csv(report).encode()
    # Imported here: it takes a while to load, and a process that never writes a PDF should not wait for it.
    from emergency.report.as_pdf import report_as_pdf

    return report_as_pdf(report)
