"""A browser says what it has: by the token in the message itself, since nobody need be signed in for that.

The token is the delivery's id under a signature, and stood in a message that only this browser can read. It proves that
the message arrived, or that it was tapped. It never acknowledges anything.
"""

from typing import Literal
from uuid import UUID

from core.shapes import Shape
from core.signed_ids import read_signed_id, sign_id
from notifications.models import Delivery
from notifications.push.errors import ReceiptNotValid
from notifications.services.advancing import advance
from notifications.states import Channel, State

_SALT = "clustr.notifications.push.receipt"


class GivenReceipt(Shape):
    """`kind`: `received` when it is on the screen, `seen` when somebody has tapped it."""

    receipt: str
    kind: Literal["received", "seen"] = "received"


def receipt_of(delivery_id: UUID) -> str:
    return sign_id(delivery_id, _SALT)


def take_receipt(given: GivenReceipt) -> None:
    """A second time changes nothing. Raises `ReceiptNotValid`."""
    delivery_id = read_signed_id(given.receipt, _SALT)
    pushes = Delivery.objects.across_estates().filter(channel=Channel.PUSH)
    row = pushes.filter(pk=delivery_id) if delivery_id else pushes.none()
    if not row.exists():
        raise ReceiptNotValid
    advance(row, State.SEEN if given.kind == "seen" else State.RECEIVED, channel=Channel.PUSH)
