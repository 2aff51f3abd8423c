"""Socket commands about alerts: the same services as REST."""

from emergency import services
from emergency.events import AlertView, MessageView
from emergency.shapes import (
    OneAlert,
    PostAlertMessage,
    PostMessage,
    RaiseAlert,
    ResolveAlert,
    RespondToAlert,
)
from estates.members import Member
from estates.permissions import Permission
from estates.selectors import get_estate
from realtime.commands import command


@command("emergency.alert.raise", RaiseAlert, permission=Permission.RAISE_ALERT, exempt=True)
def raise_alert(*, actor: Member, data: RaiseAlert, key: str | None) -> AlertView:
    """SOS."""
    return services.raise_alert(actor=actor, estate=get_estate(actor.estate_id), data=data, key=key)


@command("emergency.alert.acknowledge", OneAlert, permission=Permission.ACKNOWLEDGE_ALERT, exempt=True)
def acknowledge(*, actor: Member, data: OneAlert, key: str | None) -> AlertView:
    """I have it."""
    return services.acknowledge_alert(actor=actor, estate=get_estate(actor.estate_id), alert_id=data.id)


@command("emergency.alert.respond", RespondToAlert, permission=Permission.ACKNOWLEDGE_ALERT)
def respond(*, actor: Member, data: RespondToAlert, key: str | None) -> AlertView:
    """I am on the way."""
    return services.respond_to_alert(
        actor=actor, estate=get_estate(actor.estate_id), alert_id=data.id, eta_s=data.eta_s
    )


@command("emergency.alert.on_scene", OneAlert, permission=Permission.ACKNOWLEDGE_ALERT)
def on_scene(*, actor: Member, data: OneAlert, key: str | None) -> AlertView:
    """I am there."""
    return services.arrive_at_alert(actor=actor, estate=get_estate(actor.estate_id), alert_id=data.id)


@command("emergency.alert.resolve", ResolveAlert, permission=Permission.ACKNOWLEDGE_ALERT)
def resolve(*, actor: Member, data: ResolveAlert, key: str | None) -> AlertView:
    """It is over, and this is how it ended."""
    return services.resolve_alert(
        actor=actor,
        estate=get_estate(actor.estate_id),
        alert_id=data.id,
        outcome=data.outcome,
        report=data.report,
    )


@command("emergency.alert.close", OneAlert, permission=Permission.READ_OWN_ALERTS)
def close(*, actor: Member, data: OneAlert, key: str | None) -> AlertView:
    """I confirm it."""
    return services.close_alert(actor=actor, estate=get_estate(actor.estate_id), alert_id=data.id)


@command("emergency.alert.cancel", OneAlert, permission=Permission.RAISE_ALERT, exempt=True)
def cancel(*, actor: Member, data: OneAlert, key: str | None) -> AlertView:
    """Take it back while the countdown runs."""
    return services.cancel_alert(actor=actor, estate=get_estate(actor.estate_id), alert_id=data.id)


@command("emergency.alert.request_cancel", OneAlert, permission=Permission.RAISE_ALERT)
def request_cancel(*, actor: Member, data: OneAlert, key: str | None) -> AlertView:
    """It is not needed any more; somebody please look."""
    return services.request_cancel(actor=actor, estate=get_estate(actor.estate_id), alert_id=data.id)


@command("emergency.message.post", PostAlertMessage, permission=Permission.READ_OWN_ALERTS)
def post_message(*, actor: Member, data: PostAlertMessage, key: str | None) -> MessageView:
    """To everybody who sees the alert."""
    return services.post_message(
        actor=actor,
        estate=get_estate(actor.estate_id),
        alert_id=data.id,
        data=PostMessage(text=data.text, message_id=data.message_id),
    )
