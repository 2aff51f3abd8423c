"""One topic, followed without a gap, for all local sessions that hear it."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from realtime.fan_out import FanOut, Hearer, Readiness
from realtime.topics import Topic, is_emergency

#: Frames of a topic kept in memory, so that a short absence is replayed without the database.
RING = 256

#: An offset, and the event's frame as it goes to the network.
Placed = tuple[int, bytes]


class Follower:
    """Knows the last offset that was let through, and lets only the next one through.

    Frames that came at one wake-up are joined, and go to each hearer in one write when `flush` is called; `schedule`
    is told that there is something to flush. Lives on one event loop; nothing here awaits, so each method is one step
    for everybody else.
    """

    __slots__ = (
        "_fan_out",
        "_floors",
        "_pending",
        "_ring",
        "_schedule",
        "epoch",
        "hearers",
        "last",
        "topic",
        "urgent",
        "users",
        "wanted",
    )

    def __init__(self, topic: Topic, schedule: Callable[["Follower"], None], readiness: Readiness) -> None:
        self.topic = topic
        self.urgent = is_emergency(topic.name)
        self.epoch = ""
        #: Last offset let through; None until the head was read.
        self.last: int | None = None
        #: Highest offset known to exist. Above `last`: something was missed, and the log must be read.
        self.wanted = 0
        self.hearers: set[Hearer] = set()
        #: Local sessions that may hear it, whether they do already or are still being brought up to date.
        self.users = 0
        #: Hearers whose replay went beyond `last`: they must not get what they have.
        self._floors: dict[Hearer, int] | None = None
        self._ring: deque[Placed] | None = None
        self._pending: list[Placed] = []
        self._schedule = schedule
        self._fan_out = FanOut(readiness)

    @property
    def is_behind(self) -> bool:
        return self.last is not None and self.wanted > self.last

    def start(self, *, head: int, epoch: str) -> None:
        """Begin after `head`. What was offered meanwhile shows as being behind."""
        if self.last is None:
            self.last, self.epoch = head, epoch

    def stop(self) -> None:
        """Let nothing through any more, until it is started anew."""
        self.last, self.wanted, self.epoch = None, 0, ""
        self._ring, self._pending = None, []

    def offer(self, offset: int, frame: bytes) -> None:
        """A frame arrived, from the layer or the log. Only the next one goes through; older ones are known already."""
        if offset > self.wanted:
            self.wanted = offset
        if self.last is not None and offset == self.last + 1:
            self.last = offset
            if self._ring is None:
                self._ring = deque(maxlen=RING)
            self._ring.append((offset, frame))
            self._pending.append((offset, frame))
            if len(self._pending) == 1:
                self._schedule(self)

    def flush(self) -> None:
        """Give what is pending to every hearer."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        if self._floors:
            self._flush_above_floors(pending)
            return
        frames = pending[0][1] if len(pending) == 1 else b"".join([frame for _, frame in pending])
        self._fan_out.tell(frames, self.hearers, urgent=self.urgent)

    def _flush_above_floors(self, pending: Sequence[Placed]) -> None:
        floors = self._floors or {}
        for hearer in self.hearers:
            floor = floors.get(hearer, 0)
            for offset, frame in pending:
                if offset > floor:
                    hearer.push(frame, urgent=self.urgent)
        reached = pending[-1][0]
        self._floors = {hearer: floor for hearer, floor in floors.items() if floor > reached} or None

    def reaches_back_to(self, offset: int) -> bool:
        """Whether memory has everything after `offset`."""
        if self.last is None or offset > self.last:
            return False
        return self.last - offset <= (len(self._ring) if self._ring else 0)

    def replay_after(self, offset: int) -> list[Placed] | None:
        """Frames after `offset` up to `last` from memory; None where memory does not reach back so far."""
        if self.last is None or not self.reaches_back_to(offset):
            return None
        ring = self._ring or deque()
        return list(islice(ring, len(ring) - (self.last - offset), None))

    def remember(self, frames: Sequence[Placed]) -> None:
        """Frames read from the log, for others who come back: kept as far as they join on to what is in memory."""
        if self.last is None:
            return
        ring = self._ring if self._ring is not None else deque(maxlen=RING)
        first = ring[0][0] if ring else self.last + 1
        for offset, frame in reversed(frames):
            if offset == first - 1 and len(ring) < RING:
                ring.appendleft((offset, frame))
                first = offset
        if ring:
            self._ring = ring

    def attach(self, hearer: Hearer, *, have: int) -> None:
        """Let `hearer` hear what comes after offset `have`, which it has."""
        # What is pending was let through already: it is part of what the newcomer has.
        self.flush()
        self.hearers.add(hearer)
        self._fan_out.forget()
        if self.last is not None and have > self.last:
            self._floors = {**(self._floors or {}), hearer: have}

    def detach(self, hearer: Hearer) -> None:
        self.hearers.discard(hearer)
        self._fan_out.forget()
        if self._floors:
            self._floors.pop(hearer, None)
