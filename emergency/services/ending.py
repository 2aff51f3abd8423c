"""Taking an alert back, asking to, and closing it."""

from uuid import UUID

from core import audit
from core.clock import now
from core.unit_of_work import unit_of_work
from emergency.errors import AlertOver, CountdownOver, CountdownRunning, NotResolved, NotYourAlert
from emergency.events import AlertCancelled, AlertCancelRequested, AlertClosed, AlertView, PersonView
from emergency.selectors.alerts import is_own
from emergency.selectors.views import fresh_view
from emergency.services.ladder import stop_ladder
from emergency.services.record import note_down, tell
from emergency.services.transitions import advance, amend, hold_alert
from emergency.states import OVER, Action, State
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require


def cancel_alert(*, actor: Member, estate: Estate, alert_id: UUID) -> AlertView:
    """Take back one's own alert while its countdown runs; nobody else will ever know.

    Raises `AlertNotFound`, `NotYourAlert`, and `CountdownOver` where others were told already.
    """
    require(actor, Permission.RAISE_ALERT, estate)
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        if not is_own(actor, alert):
            raise NotYourAlert
        if alert.state == State.CANCELLED:
            return fresh_view(alert)
        if not advance(alert, Action.CANCEL, cancelled_at=now()):
            raise AlertOver if alert.state in OVER else CountdownOver
        stop_ladder(alert)
        view = fresh_view(alert)
        note_down(alert, "cancelled", actor, f"{actor.name} took it back within the countdown.")
        audit.record(actor, "emergency.alert.cancelled", alert)
        tell(AlertCancelled(alert=view), alert, actor)
        return view


def request_cancel(*, actor: Member, estate: Estate, alert_id: UUID) -> AlertView:
    """Say that one's own alert is not needed any more.

    It stays open, and the ladder runs on, until a responder has looked. Raises
    `AlertNotFound`, `NotYourAlert`, `CountdownRunning`, `AlertOver`.
    """
    require(actor, Permission.RAISE_ALERT, estate)
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        if not is_own(actor, alert):
            raise NotYourAlert
        if alert.state == State.COUNTDOWN:
            raise CountdownRunning
        if alert.state in OVER:
            raise AlertOver
        if alert.cancel_requested_at is not None:
            return fresh_view(alert)
        amend(alert, cancel_requested_at=now())
        view = fresh_view(alert)
        note_down(
            alert, "cancel_requested", actor, f"{actor.name} asked to cancel; a responder must verify it."
        )
        audit.record(actor, "emergency.alert.cancel_requested", alert)
        tell(AlertCancelRequested(alert=view), alert, actor)
        return view


def close_alert(*, actor: Member, estate: Estate, alert_id: UUID) -> AlertView:
    """Confirm how a resolved alert ended, as the person in need, or close it as management.

    Raises `AlertNotFound`, `PermissionMissing`, `NotResolved`, `AlertOver`.
    """
    require(actor, Permission.READ_OWN_ALERTS, estate)
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        if alert.person_id != actor.id:
            require(actor, Permission.CLOSE_ALERT, estate)
        if alert.state == State.CLOSED:
            return fresh_view(alert)
        if not advance(alert, Action.CLOSE, closed_at=now(), closed_by_id=actor.id):
            raise AlertOver if alert.state in OVER else NotResolved
        view = fresh_view(alert)
        is_confirmed = alert.person_id == actor.id
        text = f"{actor.name} confirmed that it is over." if is_confirmed else f"{actor.name} closed it."
        note_down(alert, "closed", actor, text, is_confirmed=is_confirmed)
        audit.record(actor, "emergency.alert.closed", alert, {"is_confirmed": is_confirmed})
        tell(AlertClosed(alert=view, by=PersonView(member_id=actor.id, name=actor.name)), alert, actor)
        return view
