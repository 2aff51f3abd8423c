"""Who may be seen writing on an alert, and by whom."""

from collections.abc import Sequence
from uuid import UUID

from emergency.selectors.alerts import alerts_for
from emergency.services.record import audience_of
from emergency.states import SPOKEN_OF
from estates.members import Member
from estates.permissions import Permission
from realtime.topics import Topic
from realtime.typing_desk import typing_in


@typing_in("alert")
def typing_on_an_alert(member: Member, alert_id: UUID) -> Sequence[Topic]:
    """Who may say something on it is seen by those who will read it."""
    if not member.may(Permission.READ_OWN_ALERTS):
        return []
    alert = alerts_for(member, member.estate_id).filter(pk=alert_id, state__in=SPOKEN_OF).first()
    return audience_of(alert) if alert else []
