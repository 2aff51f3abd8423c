"""One socket's sending side: straight out while the client keeps up, else a bounded buffer, emergencies first."""

import asyncio
import itertools
from collections import deque
from uuid import UUID

from core.ids import new_id
from estates.members import Member
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.fan_out import Readiness, Write
from realtime.topics import Topic

#: Bytes that may wait for one socket. Past it the client is closed and resumes later.
MAX_BUFFERED = 1_000_000
#: Bytes that are handed to a slow connection at once: what comes after them can still be overtaken.
PORTION = 64 * 1024

_slots = itertools.count()


class Session:
    """A connected device of a member. Everything here runs on the server's event loop."""

    __slots__ = (
        "_buffered",
        "_closing",
        "_connection",
        "_ordinary",
        "_readiness",
        "_room",
        "_urgent",
        "catching_up",
        "closed_with",
        "device",
        "heard_at",
        "id",
        "is_live",
        "member",
        "slot",
        "topics",
    )

    def __init__(
        self,
        *,
        member: Member,
        device: str,
        topics: list[Topic],
        connection: Connection,
        closing: asyncio.Future[None],
        heard_at: float,
        readiness: Readiness,
    ) -> None:
        self.id: UUID = new_id()
        #: Counts sessions, so it is evenly spread as well: work on all of them is done slice by slice.
        self.slot = next(_slots)
        self.member = member
        self.device = device
        #: By name.
        self.topics: dict[str, Topic] = {topic.name: topic for topic in topics}
        #: Monotonic seconds at which the client last sent anything.
        self.heard_at = heard_at
        #: Every topic has been replayed. Before that a heartbeat's heads would look like a gap to the client.
        self.is_live = False
        #: A replay that goes at the client's pace.
        self.catching_up: asyncio.Task[None] | None = None
        self.closed_with: tuple[int, str] | None = None
        self._connection = connection
        # Made when a client is slow for the first time: hardly any ever is.
        self._urgent: deque[bytes] | None = None
        self._ordinary: deque[bytes] | None = None
        self._buffered = 0
        self._room: asyncio.Event | None = None
        self._closing = closing
        self._readiness = readiness
        connection.ready_changed = readiness.changed

    def straight(self) -> Write | None:
        """As `fan_out.Hearer`: where frames can go past this object, as long as the client keeps up."""
        return self._connection.straight() if self._keeps_up else None

    @property
    def _keeps_up(self) -> bool:
        return self._connection.ready and not self._buffered and self.closed_with is None

    def push(self, frames: bytes, *, urgent: bool = False) -> None:
        """Send frames (`framing.framed`). Never waits: a client that does not keep up is closed, not waited for."""
        if self._keeps_up:
            self._connection.write(frames)
        else:
            self._keep(frames, urgent=urgent)

    def offer(self, frames: bytes) -> bool:
        """Send frames that can be made up for later, unless anything waits for the client; whether they went out.

        So they never fill its buffer, never close it, and nothing that matters waits behind more than one of them.
        """
        keeps_up = self._keeps_up
        if keeps_up:
            self._connection.write(frames)
        return keeps_up

    def _keep(self, frames: bytes, *, urgent: bool) -> None:
        if self.closed_with is not None:
            return
        # A frame of any size goes into an empty buffer: else its client would be closed again at each resume.
        if self._buffered and self._buffered + len(frames) > MAX_BUFFERED:
            self.close(CloseCode.SLOW_CONSUMER, "too much is waiting for you; resume")
            return
        if self._urgent is None or self._ordinary is None:
            self._urgent, self._ordinary = deque(), deque()
        self._buffered += len(frames)
        (self._urgent if urgent else self._ordinary).append(frames)

    def send_waiting(self) -> None:
        """The connection takes frames again."""
        while self._buffered and self._connection.ready and self.closed_with is None:
            self._connection.write(self._portion())
        self._readiness.changed()
        if self._room is not None:
            self._room.set()

    def _portion(self) -> bytes:
        assert self._urgent is not None
        assert self._ordinary is not None
        taken: list[bytes] = []
        size = 0
        while (self._urgent or self._ordinary) and size < PORTION:
            frames = self._urgent.popleft() if self._urgent else self._ordinary.popleft()
            size += len(frames)
            taken.append(frames)
        self._buffered -= size
        return b"".join(taken)

    def has_room(self, size: int) -> bool:
        """Whether half the buffer has room for `size` bytes, or the session is to be closed anyhow."""
        return (
            not self._buffered or self._buffered + size <= MAX_BUFFERED // 2 or self.closed_with is not None
        )

    async def wait_for_room(self, size: int) -> None:
        """Until `has_room`: a replay goes at the client's pace. Pushed at once, a long one would close it as slow,
        at each resume again.
        """
        while not self.has_room(size):
            if self._room is None:
                self._room = asyncio.Event()
            self._room.clear()
            await self._room.wait()

    def close(self, code: int, reason: str) -> None:
        """Ask for the socket to be closed. The first reason stands."""
        if self.closed_with is None:
            self.closed_with = (int(code), reason)
            self._readiness.changed()
            if self._room is not None:
                self._room.set()
            if not self._closing.done():
                self._closing.set_result(None)

    def stop(self) -> None:
        """End what is still under way for it."""
        if self.catching_up is not None:
            self.catching_up.cancel()

    async def wait_closed(self) -> None:
        """Until a close was asked for, even while a write is stuck."""
        await self._closing

    async def send_close(self) -> None:
        """Say why, and end the connection."""
        code, reason = self.closed_with or (CloseCode.RESTART, "")
        await self._connection.close(int(code), reason)
