"""What devices say they have received and shown, kept and passed on to whoever waits for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from realtime.frames import Kind
from realtime.models import ReceiptPosition
from realtime.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A device of a member has everything of `topic` up to `offset`."""

    estate_id: UUID
    member_id: UUID
    device: str
    topic: str
    kind: Kind
    offset: int
    at: datetime


ReceiptListener = Callable[[Sequence[Receipt]], None]

listeners: list[ReceiptListener] = []


def on_receipts(function: ReceiptListener) -> ReceiptListener:
    """Register a function that is told of receipts, in a thread, after they were kept. It may be told twice."""
    listeners.append(function)
    return function


def keep_receipts(receipts: Sequence[Receipt]) -> None:
    """Keep devices' positions, one statement for many of them, and tell the listeners.

    A device has one position in a topic, and it moves forward only. Of two receipts for one, the later one counts.
    """
    if not receipts:
        return
    newest = {(one.member_id, one.device, one.topic, one.kind): one for one in receipts}
    upsert(
        ReceiptPosition,
        [
            (one.estate_id, one.member_id, one.device, one.topic, one.kind, one.offset, one.at)
            for _, one in sorted(newest.items())
        ],
        columns=("estate", "membership", "device", "topic", "kind", "offset", "at"),
        unique=("membership", "device", "topic", "kind"),
        update=("offset", "at"),
        only_if="excluded.{offset} > {table}.{offset}",
    )
    for listener in listeners:
        listener(list(newest.values()))
