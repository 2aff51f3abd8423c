"""A device says what it has shown to somebody: what was written to him on an alert he has read."""

from collections.abc import Sequence

from emergency.services.messages import mark_read
from realtime.receipts import Receipt, on_receipts


@on_receipts
def mark_messages_read(receipts: Sequence[Receipt]) -> None:
    mark_read(receipts)
