"""Who of a topic's hearers can be written to at once, and how: looked up when that changes, not for each event.

A thousand sockets' sessions and connections lie all over memory, and after the kernel's work for the socket before
nothing of them is in the processor's cache. So an event of which everybody keeps up touches neither: it goes through a
list of the transports' own `write`, in the order in which they were made.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

log = logging.getLogger(__name__)

#: Hands bytes to the network. Never waits.
Write = Callable[[bytes], object]


class Readiness:
    """Counts how often any session of a hub began or ceased to keep up, or was closed."""

    __slots__ = ("changes",)

    def __init__(self) -> None:
        self.changes = 0

    def changed(self) -> None:
        self.changes += 1


class Hearer(Protocol):
    """What a follower needs of a session."""

    #: In the order in which they came.
    slot: int

    def push(self, frames: bytes, *, urgent: bool) -> None: ...

    def straight(self) -> Write | None:
        """Where frames can go at once: only until `Readiness` says that something has changed. None: use `push`."""


class FanOut:
    """The same frames to everybody. `readiness`: what everything here was looked up for."""

    __slots__ = ("_looked_up", "_others", "_readiness", "_straight")

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._looked_up = -1
        # Most topics are one person's, and there is never anything in them.
        self._straight: Sequence[Write] = ()
        self._others: Sequence[Hearer] = ()

    def forget(self) -> None:
        """The hearers are others than before."""
        self._looked_up = -1

    def tell(self, frames: bytes, hearers: Collection[Hearer], *, urgent: bool) -> None:
        """`hearers` are those of the time before, unless `forget` was called."""
        if self._looked_up != self._readiness.changes:
            self._look_up(hearers)
        # A write can make its own session cease to keep up; the list stands until this round is over.
        for write in self._straight:
            try:
                write(frames)
            except Exception:
                # Its line is gone, which it will be told. Nobody else must miss anything for it.
                log.exception("A socket could not be written to")
        for hearer in self._others:
            hearer.push(frames, urgent=urgent)

    def _look_up(self, hearers: Collection[Hearer]) -> None:
        self._looked_up = self._readiness.changes
        straight: list[Write] = []
        others: list[Hearer] = []
        for hearer in sorted(hearers, key=_slot):
            write = hearer.straight()
            if write is None:
                others.append(hearer)
            else:
                straight.append(write)
        self._straight, self._others = straight, others


def _slot(hearer: Hearer) -> int:
    return hearer.slot
