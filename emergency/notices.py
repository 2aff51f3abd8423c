"""What alerts tell people: nobody's choice holds it back."""

from notifications.kinds import notification_kind
from notifications.states import Channel

notification_kind(
    "emergency.alert",
    "An SOS, where you are asked for help",
    channels=[Channel.WEBSOCKET, Channel.SMS, Channel.VOICE],
    is_mandatory=True,
)
