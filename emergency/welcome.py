"""Open alerts stand in every welcome, replay or not."""

from collections.abc import Sequence
from typing import Any

import msgspec

from core.shapes import plain
from emergency.events import AlertView
from emergency.models import Alert
from emergency.selectors.alerts import drawable, may_see, open_alerts_of
from emergency.selectors.views import view_of
from estates.members import Member
from realtime.welcome import offers


@offers("open_alerts", AlertView)
def open_alerts(members: Sequence[Member]) -> list[list[Any]]:
    """Responders: every open alert that was told. Others: their own. Each alert is drawn once, whoever hears of it."""
    # Mostly there is none: then the query with everything that is drawn need not even be written.
    found = open_alerts_of({member.estate_id for member in members})
    ids = list(found.values_list("pk", flat=True))
    alerts = list(drawable(found).filter(pk__in=ids)) if ids else []
    drawn = {alert.pk: msgspec.Raw(msgspec.json.encode(plain(view_of(alert)))) for alert in alerts}
    return [[drawn[alert.pk] for alert in _seen_by(member, alerts)] for member in members]


def _seen_by(member: Member, alerts: Sequence[Alert]) -> list[Alert]:
    return [alert for alert in alerts if may_see(member, alert)]
