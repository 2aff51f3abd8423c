"""Frames that stand in no log: the first to be shed, and never in anybody's way."""

import asyncio
from collections.abc import Iterable

from realtime.session import Session

#: Sockets that are written to before anything else gets its turn.
_AT_ONCE = 250


async def offered(frames: bytes, sessions: Iterable[Session]) -> set[Session]:
    """Those who took the frames: nothing was waiting for them."""
    took: set[Session] = set()
    for number, session in enumerate(sessions, start=1):
        if session.offer(frames):
            took.add(session)
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return took
