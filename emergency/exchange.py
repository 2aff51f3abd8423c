"""Alerts as a list that goes out."""

from collections.abc import Iterator

from emergency.models import Alert
from emergency.selectors.alerts import alerts_for
from estates.exchanging import PORTION, ListResource, Moment, column, exchange
from estates.members import Member
from estates.permissions import Permission


@exchange("alerts", title="Alerts", export=Permission.READ_OWN_ALERTS)
class Alerts(ListResource):
    number = column("number", "number")
    raised_at = column("raised_at", "raised at", Moment())
    category = column("category", "category")
    state = column("state", "state")
    outcome = column("outcome", "outcome")
    is_drill = column("is_drill", "drill")
    person = column("person__user__name", "person in need")
    raised_by = column("raised_by__user__name", "raised by")
    block = column("unit__block__name", "block")
    unit = column("unit__name", "unit")
    note = column("note", "note")
    acknowledged_at = column("acknowledged_at", "acknowledged at", Moment())
    acknowledged_by = column("acknowledged_by__user__name", "acknowledged by")
    resolved_at = column("resolved_at", "resolved at", Moment())
    closed_at = column("closed_at", "closed at", Moment())
    report = column("report", "report")

    def rows(self, actor: Member) -> Iterator[Alert]:
        """Responders every alert that was told to them, everybody his own; oldest first."""
        alerts = alerts_for(actor, self.estate).select_related(
            "unit__block", "person__user", "raised_by__user", "acknowledged_by__user"
        )
        return alerts.order_by("raised_at", "pk").iterator(chunk_size=PORTION)
