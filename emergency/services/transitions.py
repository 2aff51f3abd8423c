"""Finding an alert to change, and changing its state.

Whoever changes an alert holds its row until the commit. So the events of one alert stand in its streams in the order
of their versions, and an acknowledgement and a step of the ladder never overtake each other.
"""

from typing import Any
from uuid import UUID

from django.db.models import F

from emergency.errors import AlertNotFound
from emergency.models import Alert
from emergency.selectors.alerts import alerts_for
from emergency.states import Action, State, leads_to
from estates.members import Member
from estates.models import Estate


def hold_alert(actor: Member, estate: Estate, alert_id: UUID) -> Alert:
    """The alert, locked until the commit. Raises `AlertNotFound` where the actor may not see it."""
    # NO KEY: rows that refer to the alert can be written meanwhile. SQLite locks the whole database instead.
    alert = alerts_for(actor, estate).select_for_update(no_key=True, of=("self",)).filter(pk=alert_id).first()
    if alert is None:
        raise AlertNotFound
    return alert


def advance(alert: Alert, action: Action, **changes: Any) -> bool:
    """Take the alert to the state that `action` leads to, and set `changes` with it; says whether this caller won.

    False where the table does not allow it or somebody else was first; then `alert` is read again.
    """
    target = leads_to(State(alert.state), action)
    if target is not None and _update(alert, state=target.value, **changes):
        return True
    alert.refresh_from_db()
    return False


def amend(alert: Alert, **changes: Any) -> None:
    """Change what is known about an alert, not its state. The caller holds it."""
    _update(alert, **changes)


def _update(alert: Alert, **changes: Any) -> bool:
    won = (
        Alert.objects.of(alert.estate_id)
        .filter(pk=alert.pk, state=alert.state)
        .update(version=F("version") + 1, **changes)
    )
    if not won:
        return False
    alert.version += 1
    for name, value in changes.items():
        setattr(alert, name, value)
    return True
