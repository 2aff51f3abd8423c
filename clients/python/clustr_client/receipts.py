"""What this device tells the server about what it has."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Literal

from clustr_client.frames import Received, Seen

Kind = Literal["received", "seen"]
KINDS: tuple[Kind, ...] = ("received", "seen")

#: Seconds over which receipts are collected: they are cumulative, so many become one.
COLLECT_S = 0.03


class Receipts:
    """`send`: hands a frame to the socket and says whether there was one."""

    def __init__(self, send: Callable[[Received | Seen], bool], *, collect_s: float = COLLECT_S) -> None:
        self._send = send
        self._collect_s = collect_s
        self._waiting: dict[Kind, dict[str, int]] = {"received": {}, "seen": {}}
        self._said: dict[Kind, dict[str, int]] = {"received": {}, "seen": {}}
        self._timer: asyncio.TimerHandle | None = None

    def note(self, kind: Kind, topic: str, offset: int) -> None:
        """Everything of `topic` up to `offset`. It goes out in a moment, together with others."""
        if offset <= max(self._said[kind].get(topic, -1), self._waiting[kind].get(topic, -1)):
            return
        self._waiting[kind][topic] = offset
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._collect_s, self.flush)

    def repeat(self) -> None:
        """A receipt can die with its socket: say all of it once more on the new one."""
        for kind in KINDS:
            self._waiting[kind] = self._said[kind] | self._waiting[kind]
            self._said[kind] = {}
        self.flush()

    def forget(self, topics: Iterable[str]) -> None:
        """Offsets of another epoch count other things."""
        for topic in topics:
            for kind in KINDS:
                self._said[kind].pop(topic, None)
                self._waiting[kind].pop(topic, None)

    def flush(self) -> None:
        """Send what waits, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for kind in KINDS:
            topics = self._waiting[kind]
            if not topics:
                continue
            frame = Received(topics=dict(topics)) if kind == "received" else Seen(topics=dict(topics))
            if self._send(frame):
                self._said[kind] |= topics
                self._waiting[kind] = {}
