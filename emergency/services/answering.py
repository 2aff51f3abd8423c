"""Responders: who has it, who is on the way, who is there, and how it ended."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from core import audit
from core.clock import now
from core.errors import Invalid
from core.text import clean_text
from core.unit_of_work import unit_of_work
from emergency.errors import AlertOver, CountdownRunning, OwnAlert
from emergency.events import (
    AlertAcknowledged,
    AlertOnScene,
    AlertResolved,
    AlertResponding,
    AlertView,
    Outcome,
    PersonView,
)
from emergency.models import Alert, Responder
from emergency.selectors.views import fresh_view
from emergency.services.ladder import proof_now, stop_ladder
from emergency.services.record import note_down, tell
from emergency.services.transitions import advance, amend, hold_alert
from emergency.services.waking import quieten
from emergency.states import OVER, Action, ResponderState, State
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require
from notifications.services import acknowledge as acknowledge_deliveries


class ReportMissing(Invalid):
    code = "report_missing"
    title = "Say in the report what happened"


class Way(StrEnum):
    """How somebody said that he has it."""

    APP = "app"
    LINK = "link"
    VOICE = "voice"


_BY: Final = {
    Way.APP: "",
    Way.LINK: ", by the link he was sent",
    Way.VOICE: ", by the keypad of his telephone",
}


def acknowledge_alert(*, actor: Member, estate: Estate, alert_id: UUID, way: Way = Way.APP) -> AlertView:
    """The actor has it. The first one stops the ladder; the others are added as responders.

    Raises `AlertNotFound`, `AlertOver`, `OwnAlert`.
    """
    require(actor, Permission.ACKNOWLEDGE_ALERT, estate)
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        _take_on(alert, actor, way)
        return fresh_view(alert)


def respond_to_alert(*, actor: Member, estate: Estate, alert_id: UUID, eta_s: int | None = None) -> AlertView:
    """The actor is on the way, `eta_s` seconds from now. Acknowledges, if nobody has. Raises as `acknowledge_alert`."""
    require(actor, Permission.ACKNOWLEDGE_ALERT, estate)
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        responder = _take_on(alert, actor)
        is_first_word = responder.state == ResponderState.ACKNOWLEDGED
        is_new_eta = responder.state == ResponderState.RESPONDING and eta_s is not None
        if not is_first_word and not is_new_eta:
            return fresh_view(alert)
        _move(responder, ResponderState.RESPONDING, eta_s)
        if not advance(alert, Action.RESPOND):
            amend(alert)
        view = fresh_view(alert)
        soon = f", {_minutes(eta_s)}" if eta_s is not None else ""
        note_down(alert, "responding", actor, f"{actor.name} is on the way{soon}.", eta_s=eta_s)
        tell(AlertResponding(alert=view, by=_person(actor)), alert, actor)
        return view


def arrive_at_alert(*, actor: Member, estate: Estate, alert_id: UUID) -> AlertView:
    """The actor is there. Acknowledges, if nobody has. Raises as `acknowledge_alert`."""
    require(actor, Permission.ACKNOWLEDGE_ALERT, estate)
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        responder = _take_on(alert, actor)
        if responder.state == ResponderState.ON_SCENE:
            return fresh_view(alert)
        _move(responder, ResponderState.ON_SCENE, None)
        if not advance(alert, Action.ARRIVE):
            amend(alert)
        view = fresh_view(alert)
        note_down(alert, "on_scene", actor, f"{actor.name} is on scene.")
        tell(AlertOnScene(alert=view, by=_person(actor)), alert, actor)
        return view


def resolve_alert(
    *, actor: Member, estate: Estate, alert_id: UUID, outcome: Outcome, report: str
) -> AlertView:
    """It is over, and this is how it ended. Acknowledges, if nobody has.

    Raises as `acknowledge_alert`, and `ReportMissing`.
    """
    require(actor, Permission.ACKNOWLEDGE_ALERT, estate)
    words = clean_text(report)
    if not words:
        raise ReportMissing(field="report")
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        if alert.resolved_by_id == actor.id and (alert.outcome, alert.report) == (outcome, words):
            return fresh_view(alert)
        _take_on(alert, actor)
        won = advance(
            alert,
            Action.RESOLVE,
            resolved_at=now(),
            resolved_by_id=actor.id,
            outcome=outcome.value,
            report=words,
            proof=proof_now(alert),
        )
        if not won:
            raise AlertOver
        view = fresh_view(alert)
        what = outcome.value.replace("_", " ")
        note_down(
            alert, "resolved", actor, f"{actor.name} resolved it ({what}): {words}", outcome=outcome.value
        )
        audit.record(actor, "emergency.alert.resolved", alert, {"outcome": outcome.value})
        tell(AlertResolved(alert=view, by=_person(actor)), alert, actor)
        return view


def _take_on(alert: Alert, actor: Member, way: Way = Way.APP) -> Responder:
    """Make the actor a responder, and the acknowledger where he is the first."""
    if alert.state in OVER:
        raise AlertOver
    if alert.state == State.COUNTDOWN:
        raise CountdownRunning
    # In a drill nobody is in need, and a new estate's manager must be able to end the one that he placed.
    if alert.person_id == actor.id and not alert.is_drill:
        raise OwnAlert
    is_first = advance(alert, Action.ACKNOWLEDGE, acknowledged_at=now(), acknowledged_by_id=actor.id)
    if is_first:
        stop_ladder(alert)
    responder, is_new = Responder.objects.across_estates().get_or_create(
        estate_id=alert.estate_id, alert=alert, member_id=actor.id
    )
    if not is_new:
        return responder
    if not is_first:
        amend(alert)
    acknowledge_deliveries(subject_id=alert.pk, member_id=actor.id)
    if is_first:
        quieten(alert, actor)
    view = fresh_view(alert)
    too = "" if is_first else " too"
    note_down(
        alert, "acknowledged", actor, f"{actor.name} has it{too}{_BY[way]}.", is_first=is_first, way=way.value
    )
    audit.record(actor, "emergency.alert.acknowledged", alert, {"is_first": is_first, "way": way.value})
    tell(AlertAcknowledged(alert=view, by=_person(actor)), alert, actor)
    return responder


def _move(responder: Responder, state: ResponderState, eta_s: int | None) -> None:
    responder.state, responder.eta_s, responder.since_at = state.value, eta_s, now()
    responder.save(update_fields=["state", "eta_s", "since_at"])


def _person(actor: Member) -> PersonView:
    return PersonView(member_id=actor.id, name=actor.name)


def _minutes(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else f"{round(seconds / 60)} min"
