"""What alerts tell people: nobody's choice holds it back."""

from typing import Final

from notifications.kinds import notification_kind
from notifications.states import Channel

#: What deliveries about an alert call it.
SUBJECT: Final = "emergency.alert"

notification_kind(
    SUBJECT,
    "An SOS, where you are asked for help",
    channels=[Channel.WEBSOCKET, Channel.SMS, Channel.VOICE, Channel.PUSH],
    is_mandatory=True,
)

#: It takes the place of a call on the screen, without a sound: also in quiet hours, in which the call came as well.
ANSWERED: Final = notification_kind(
    "emergency.alert.answered",
    "Somebody has an SOS to which your device was woken, or yours",
    channels=[Channel.PUSH],
    is_mandatory=True,
    disturbs=False,
)
