"""An alert as it is shown: the one place that makes an `AlertView`."""

from typing import TYPE_CHECKING, cast

from core.shapes import read
from emergency.events import (
    AlertView,
    CallablePersonView,
    Category,
    NextStepView,
    Outcome,
    PersonView,
    PositionView,
    ProofView,
    ResponderView,
    UnitView,
)
from emergency.models import Alert, AlertStep, Responder
from emergency.policies import Channel
from emergency.selectors.alerts import drawable
from emergency.selectors.ladder import channel_now
from emergency.states import ResponderState, State
from estates.models import Membership, Unit

if TYPE_CHECKING:

    class DrawableAlert(Alert):
        """An alert that came through `drawable`."""

        people: list[Responder]
        pending: list[AlertStep]

        class Meta:
            abstract = True


def fresh_view(alert: Alert) -> AlertView:
    """The alert as it stands in the database now."""
    return view_of(drawable(Alert.objects.of(alert.estate_id)).get(pk=alert.pk))


def new_view(alert: Alert, pending: list[AlertStep]) -> AlertView:
    """The same for an alert that was written just now, with its steps: nobody can have answered it yet."""
    people = Membership.objects.of(alert.estate_id).select_related("user")
    known = people.in_bulk({alert.person_id, alert.raised_by_id})
    alert.person, alert.raised_by = known[alert.person_id], known[alert.raised_by_id]
    drawn = cast("DrawableAlert", alert)
    drawn.people, drawn.pending = [], pending
    return view_of(alert)


def view_of(alert: Alert) -> AlertView:
    """The snapshot of an alert that came through `drawable`."""
    drawn = cast("DrawableAlert", alert)
    is_for_another = alert.person_id != alert.raised_by_id
    return AlertView(
        id=alert.pk,
        number=alert.number or 0,
        version=alert.version,
        category=Category(alert.category),
        categories=[Category(value) for value in alert.categories],
        state=State(alert.state),
        unit=_unit(alert.unit),
        # The person in need reads this too, and gets no telephone number but his own.
        raised_by=_callable_person(alert.raised_by, with_phone=not is_for_another),
        on_behalf_of=_callable_person(alert.person, with_phone=True) if is_for_another else None,
        note=alert.note,
        position=_position(alert),
        is_silent=alert.is_silent,
        is_drill=alert.is_drill,
        raised_at=alert.raised_at,
        countdown_ends_at=alert.countdown_ends_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=person_view(alert.acknowledged_by) if alert.acknowledged_by else None,
        cancel_requested_at=alert.cancel_requested_at,
        resolved_at=alert.resolved_at,
        closed_at=alert.closed_at,
        outcome=Outcome(alert.outcome) if alert.outcome else None,
        report=alert.report or None,
        responders=[_responder(row) for row in drawn.people],
        proof=read(alert.proof, ProofView),
        next_step=_next_step(alert, drawn.pending) if alert.state == State.ACTIVE else None,
    )


def person_view(membership: Membership) -> PersonView:
    return PersonView(member_id=membership.pk, name=membership.user.name)


def _callable_person(membership: Membership, *, with_phone: bool) -> CallablePersonView:
    user = membership.user
    return CallablePersonView(
        member_id=membership.pk, name=user.name, phone=(user.phone or None) if with_phone else None
    )


def _unit(unit: Unit | None) -> UnitView | None:
    if unit is None:
        return None
    return UnitView(
        id=unit.pk, name=unit.name, block=unit.block.name, latitude=unit.latitude, longitude=unit.longitude
    )


def _position(alert: Alert) -> PositionView | None:
    if alert.latitude is None or alert.longitude is None or alert.positioned_at is None:
        return None
    return PositionView(
        lat=alert.latitude, lon=alert.longitude, accuracy_m=alert.accuracy_m, at=alert.positioned_at
    )


def _responder(row: Responder) -> ResponderView:
    return ResponderView(
        member_id=row.member_id,
        name=row.member.user.name,
        state=ResponderState(row.state),
        eta_s=row.eta_s,
        since_at=row.since_at,
    )


def _next_step(alert: Alert, pending: list[AlertStep]) -> NextStepView | None:
    # What is due with the raise itself is under way while this is told.
    started_at = alert.activated_at or alert.raised_at
    step = next((step for step in pending if step.due_at > started_at), None)
    if step is None:
        return None
    channel = channel_now(Channel(step.spec["channel"])).value
    return NextStepView(channel=channel, audience=step.spec["audience"], due_at=step.due_at)
