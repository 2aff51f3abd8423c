"""Which alerts there are, and which of them a member may see."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from emergency.errors import AlertNotFound
from emergency.models import Alert, AlertStep, Responder
from emergency.states import OPEN, State
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission

#: Told to nobody but the raiser, as if it had never been.
UNTOLD = (State.COUNTDOWN, State.CANCELLED)


def is_own(actor: Member, alert: Alert) -> bool:
    """Whether the actor is in need, or pressed the button."""
    return actor.id in (alert.person_id, alert.raised_by_id)


def may_see(actor: Member, alert: Alert) -> bool:
    """The rule of `alerts_for`, for an alert that was read already."""
    if alert.estate_id != actor.estate_id:
        return False
    return is_own(actor, alert) or (actor.may(Permission.READ_ALERTS) and alert.state not in UNTOLD)


def alerts_for(actor: Member, estate: Estate | UUID) -> QuerySet[Alert]:
    """What the actor may see: responders every alert that was told to them, everybody his own."""
    own = Q(person_id=actor.id) | Q(raised_by_id=actor.id)
    visible = own | ~Q(state__in=UNTOLD) if actor.may(Permission.READ_ALERTS) else own
    return Alert.objects.of(estate).filter(visible)


def open_alerts_for(actor: Member, estate: Estate | UUID) -> QuerySet[Alert]:
    """Those of them in which somebody may still be in danger, oldest first."""
    return alerts_for(actor, estate).filter(state__in=OPEN).order_by("raised_at", "pk")


def open_alerts_of(estate_ids: Collection[UUID]) -> QuerySet[Alert]:
    """Every alert of the estates in which somebody may still be in danger, oldest first."""
    estates = Alert.objects.across_estates().filter(estate_id__in=estate_ids)
    return estates.filter(state__in=OPEN).order_by("raised_at", "pk")


def get_alert(actor: Member, estate: Estate, alert_id: UUID) -> Alert:
    """One alert, ready to be drawn. Raises `AlertNotFound`."""
    alert = drawable(alerts_for(actor, estate)).filter(pk=alert_id).first()
    if alert is None:
        raise AlertNotFound
    return alert


def drawable(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """The same alerts with everything that `view_of` needs: three queries however many there are."""
    responders = Responder.objects.across_estates().select_related("member__user")
    pending = AlertStep.objects.across_estates().filter(state=AlertStep.State.PENDING)
    return alerts.select_related(
        "unit__block", "person__user", "raised_by__user", "acknowledged_by__user"
    ).prefetch_related(
        Prefetch("responders", queryset=responders, to_attr="people"),
        Prefetch("steps", queryset=pending, to_attr="pending"),
    )
