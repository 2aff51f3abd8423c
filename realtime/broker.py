"""Committed events to every process that serves their estate: the only file that touches the channel layer.

What goes through here is a hint. The log is the truth, and the hub reads it whenever a hint is missing.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

#: Seconds that the layer gets for an answer. A Redis that hangs must not hold up a welcome, nor pile announcements up.
ANSWER_S = 1.0

#: In the place of an offset: the frame stands in no log.
EPHEMERAL = 0

#: Topic name, offset, frame.
Announcement = tuple[str, int, bytes]


def group_of(estate_id: UUID) -> str:
    return f"estate.{estate_id}"


class Broker:
    """Runs the channel layer on one event loop: the server's where one serves sockets here, else a thread's own.

    The layer is never called with `async_to_sync`: that makes a loop per call, and delivers late.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Use the loop that serves sockets in this process from now on."""
        with self._lock:
            self._loop = loop

    def announce(self, estate_id: UUID, announcements: Sequence[Announcement]) -> None:
        """Hand frames to the layer, from any thread. Returns at once and raises nothing: the head poll covers it."""
        coroutine = self._send(group_of(estate_id), announcements)
        try:
            asyncio.run_coroutine_threadsafe(coroutine, self._running_loop())
        except RuntimeError:
            coroutine.close()
            log.warning("Events could not be announced; the head poll will find them", exc_info=True)

    def check(self, *, timeout_s: float) -> None:
        """Raises where the layer does not answer within `timeout_s`."""
        asyncio.run_coroutine_threadsafe(self._send("estate.health", []), self._running_loop()).result(
            timeout_s
        )

    async def new_channel(self) -> str:
        async with asyncio.timeout(ANSWER_S):
            return cast(str, await self._layer().new_channel())

    async def join(self, estate_id: UUID, channel: str) -> None:
        async with asyncio.timeout(ANSWER_S):
            await self._layer().group_add(group_of(estate_id), channel)

    async def leave(self, estate_id: UUID, channel: str) -> None:
        async with asyncio.timeout(ANSWER_S):
            await self._layer().group_discard(group_of(estate_id), channel)

    async def probe(self, channel: str) -> None:
        """Send the channel an empty message, which must come back by `receive`."""
        async with asyncio.timeout(ANSWER_S):
            await self._layer().send(channel, {"type": "events", "events": []})

    async def reset(self) -> None:
        """Close the layer's connections; they are opened again with the next use. Channels and groups are forgotten."""
        async with asyncio.timeout(ANSWER_S):
            await self._layer().flush()

    async def receive(self, channel: str) -> list[Announcement]:
        message = await self._layer().receive(channel)
        return [cast(Announcement, tuple(row)) for row in message["events"]]

    async def _send(self, group: str, announcements: Sequence[Announcement]) -> None:
        message = {"type": "events", "events": [list(row) for row in announcements]}
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._layer().group_send(group, message)
        except Exception:
            if not announcements:
                raise
            log.warning("%d events were not announced; the head poll will find them", len(announcements))

    @staticmethod
    def _layer() -> Any:
        return get_channel_layer()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._loop.is_closed() or not self._loop.is_running():
                self._loop = _loop_in_thread()
            return self._loop


def _loop_in_thread() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    started = threading.Event()
    loop.call_soon(started.set)
    threading.Thread(target=_run, args=(loop,), name="broker", daemon=True).start()
    started.wait()
    return loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()


broker = Broker()

__all__ = ["EPHEMERAL", "Announcement", "Broker", "broker", "group_of"]
