"""What is said in a call about an alert, and that key 1 means "I have it"."""

from emergency.errors import AlertOver
from emergency.events import AlertView
from emergency.links import LinkNotValid
from emergency.notices import SUBJECT
from emergency.services import acknowledge_by_call, link_behind
from emergency.services.links import Standing
from notifications.conversations import Speech, speaks_about
from notifications.models import Delivery

_PRESS = "Press 1 if you have it."
_OVER = Speech("It is over, and nobody is needed any more. Goodbye.")
_HAVE_IT = Speech("You have it already. Goodbye.")
_NOT_YOURS = Speech("You cannot answer for this any more. Goodbye.")


@speaks_about(SUBJECT)
class AlertCall:
    """Whoever holds the telephone can answer, as with the link in a text."""

    def opening(self, call: Delivery) -> Speech:
        if call.member_id is None:
            # Somebody outside, who is told and asked for nothing.
            return Speech(call.body)
        try:
            link = link_behind(call)
        except LinkNotValid:
            return _NOT_YOURS
        if link.standing == Standing.OVER:
            return _OVER
        if link.standing == Standing.USED:
            return _HAVE_IT
        if link.alert.acknowledged_by is not None:
            return Speech(f"{_taken(link.alert)} Goodbye.")
        return Speech(f"{call.body} {_PRESS}", asks=True)

    def one_pressed(self, call: Delivery) -> Speech:
        try:
            alert = acknowledge_by_call(call)
        except LinkNotValid:
            return _NOT_YOURS
        except AlertOver:
            return _OVER
        first = alert.acknowledged_by
        if first is not None and first.member_id != call.member_id:
            return Speech(f"Thank you. You have it too. {_taken(alert)} Goodbye.")
        return Speech("Thank you. You have it, and nobody else is called. Goodbye.")

    def message(self, call: Delivery) -> Speech:
        if call.member_id is None:
            return Speech(call.body)
        opening = self.opening(call)
        return Speech(f"{call.body} Answer in the app at once.") if opening.asks else opening


def _taken(alert: AlertView) -> str:
    return f"{alert.acknowledged_by.name} has it already." if alert.acknowledged_by else ""
