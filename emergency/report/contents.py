"""What stands in a report, whichever form it takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from emergency.events import AlertView, CallablePersonView
from emergency.shapes import DeliveryView, TimelineView

#: The times of a delivery in the order in which they come to pass, with the word for each.
MOMENTS = (
    ("intended_at", "intended"),
    ("accepted_at", "accepted"),
    ("sent_at", "sent"),
    ("delivered_at", "delivered"),
    ("received_at", "received"),
    ("seen_at", "seen"),
    ("acknowledged_at", "acknowledged"),
    ("failed_at", "failed"),
    ("expired_at", "expired"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An alert as it stood at `taken_at`. `deliveries`: None for who may not know whom it was sent to.

    `zone`: of the estate; every time in a report is written in it.
    """

    estate: str
    zone: ZoneInfo
    alert: AlertView
    timeline: list[TimelineView]
    deliveries: list[DeliveryView] | None
    taken_by: str
    taken_at: datetime

    @property
    def person(self) -> CallablePersonView:
        """Who was in need."""
        return self.alert.on_behalf_of or self.alert.raised_by

    def after_s(self, at: datetime) -> float:
        """Seconds since the alert was raised."""
        return (at - self.alert.raised_at).total_seconds()

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)


def words(value: str) -> str:
    """ "domestic_violence" as people write it."""
    return value.replace("_", " ").capitalize()


def length(seconds: float) -> str:
    """ "42 s", "3 min 05 s", "2 h 10 min" """
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{whole} s"
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def facts(report: Report) -> Iterable[tuple[str, str]]:
    """What a reader asks first, as pairs of a word and its answer."""
    alert = report.alert
    yield "In need", report.person.name
    if alert.on_behalf_of is not None:
        yield "Raised by", alert.raised_by.name
    yield "Category", ", ".join(words(one) for one in alert.categories)
    yield "Where", f"{alert.unit.name}, {alert.unit.block}" if alert.unit else "no unit"
    if alert.position is not None:
        yield "Position", _position(report)
    yield "Raised", f"{report.local(alert.raised_at):%d %b %Y, %H:%M:%S}"
    if alert.is_silent:
        yield "Silent", "yes"
    first = alert.acknowledged_by.name if alert.acknowledged_by else None
    yield "First answer", _after(report, alert.acknowledged_at, first)
    yield "Resolved", _after(report, alert.resolved_at, None)
    yield "Closed", _after(report, alert.closed_at, None)
    yield "Outcome", words(alert.outcome) if alert.outcome else "none yet"
    yield "Responders", ", ".join(one.name for one in alert.responders) or "none"
    if report.deliveries is not None:
        proof = alert.proof
        yield (
            "Reached",
            (
                f"{proof.tablets_received} of {proof.tablets_intended} tablets, "
                f"{proof.sms_delivered} of {proof.sms_intended} texts, "
                f"{proof.calls_answered} of {proof.calls_intended} calls"
            ),
        )
    if alert.note:
        yield "Note", alert.note
    if alert.report:
        yield "What was found", alert.report


def _after(report: Report, at: datetime | None, who: str | None) -> str:
    if at is None:
        return "not yet"
    by = f", {who}" if who else ""
    return f"after {length(report.after_s(at))}, at {report.local(at):%H:%M:%S}{by}"


def _position(report: Report) -> str:
    position = report.alert.position
    assert position is not None
    near = f", within {position.accuracy_m:.0f} m" if position.accuracy_m is not None else ""
    return f"{position.lat:.5f}, {position.lon:.5f}{near}, at {report.local(position.at):%H:%M:%S}"
