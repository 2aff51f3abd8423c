"""A device says what it has: that is the proof for its member's websocket deliveries."""

from collections.abc import Sequence

from notifications.services.proving import Proof, receive
from realtime.receipts import Receipt, on_receipts


@on_receipts
def prove_deliveries(receipts: Sequence[Receipt]) -> None:
    receive(
        [
            Proof(
                member_id=receipt.member_id,
                topic=receipt.topic,
                offset=receipt.offset,
                is_seen=receipt.kind == "seen",
            )
            for receipt in receipts
        ]
    )
