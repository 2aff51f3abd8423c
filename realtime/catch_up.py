"""Reading from the log what followers have missed: all that are behind in one statement, emergencies apart."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from realtime import log as event_log
from realtime.follower import Follower
from realtime.threads import in_thread, in_urgent_thread

log = logging.getLogger(__name__)

Frames = dict[str, list[tuple[int, bytes]]]


class CatchUp:
    """`restart(topic, reason)` is called where what was missed is not in the log any more."""

    def __init__(self, restart: Callable[[str, str], None]) -> None:
        self._ordinary = _Lane(restart, lambda positions: in_thread(event_log.read_after_all, positions))
        # An SOS that was missed does not wait until a thousand inboxes were read.
        self._urgent = _Lane(restart, lambda positions: in_urgent_thread(event_log.read_after_all, positions))

    def notice(self, follower: Follower) -> None:
        """Have the log read where the follower is behind."""
        if follower.is_behind:
            (self._urgent if follower.urgent else self._ordinary).add(follower)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ordinary.run())
            group.create_task(self._urgent.run())


class _Lane:
    def __init__(
        self, restart: Callable[[str, str], None], read: Callable[[dict[str, int]], Awaitable[Frames]]
    ) -> None:
        self._restart = restart
        self._read = read
        self._behind: set[Follower] = set()
        self._wake = asyncio.Event()

    def add(self, follower: Follower) -> None:
        self._behind.add(follower)
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._behind = self._behind, set()
            positions = {
                follower.topic.name: follower.last
                for follower in batch
                if follower.is_behind and follower.last is not None
            }
            if not positions:
                continue
            try:
                frames = await self._read(positions)
            except Exception as error:
                log.warning("The log could not be read (%s); the head poll tries again", error)
                continue
            for follower in batch:
                self._take(follower, frames.get(follower.topic.name, []))

    def _take(self, follower: Follower, frames: list[tuple[int, bytes]]) -> None:
        if not frames or follower.last is None:
            return
        if frames[0][0] > follower.last + 1:
            self._restart(follower.topic.name, "the log was trimmed")
            return
        for offset, frame in frames:
            follower.offer(offset, frame)
        # A replay has its limit; there may be more.
        if follower.is_behind:
            self.add(follower)
