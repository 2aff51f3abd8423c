"""The carrier of the demo's past: texts were sent, and arrived or did not; telephones rang, and nobody took them."""

from datetime import timedelta
from uuid import UUID

from clustr.seed.past import at
from core.ids import new_id
from notifications.models import Delivery
from notifications.services.advancing import advance_one
from notifications.states import Channel, State, Work

#: Seconds from our decision to the carrier's word that it arrived.
SENT_AFTER_S, DELIVERED_AFTER_S = 0.7, 4.2
#: Seconds that a telephone rang before it was put to silence.
RANG_S = 8
#: Twilio's code for a handset that cannot be reached.
UNREACHABLE = "30003"


def carry_texts(alert_id: UUID, unreachable: str) -> None:
    """Bring each waiting text and call of the alert to its end. `unreachable`: the number that is switched off."""
    waiting = Delivery.objects.across_estates().filter(
        subject_id=alert_id, channel__in=[Channel.SMS, Channel.VOICE], state=State.INTENDED, work=Work.SEND
    )
    for row in waiting:
        _hand_over(row)
        if row.channel == Channel.VOICE:
            _ring(row)
        else:
            _carry(row, arrives=row.address != unreachable)


def _hand_over(row: Delivery) -> None:
    with at(row.intended_at + timedelta(seconds=SENT_AFTER_S)):
        advance_one(
            row,
            State.SENT,
            provider="console",
            provider_id=f"demo-{new_id()}",
            attempt=1,
            attempted_at=row.intended_at,
        )


def _ring(row: Delivery) -> None:
    with at(row.intended_at + timedelta(seconds=RANG_S)):
        advance_one(row, State.FAILED, error_code="no-answer", error="Nobody answered")


def _carry(row: Delivery, *, arrives: bool) -> None:
    with at(row.intended_at + timedelta(seconds=DELIVERED_AFTER_S)):
        if arrives:
            advance_one(row, State.DELIVERED)
        else:
            advance_one(row, State.FAILED, error_code=UNREACHABLE, error="The handset could not be reached")
