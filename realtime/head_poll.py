"""The heads of all streams served here, once a second: what no hint told is found by them."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from realtime import log as event_log
from realtime.log import Head
from realtime.threads import in_urgent_thread

if TYPE_CHECKING:
    from realtime.hub import Hub

log = logging.getLogger(__name__)

#: Seconds between two looks at the heads that moved lately.
HEAD_POLL_S = 1.0
#: Seconds between two looks at all heads, whenever they moved: for a commit that took longer than anybody expects,
#: and for a database that was put back to yesterday's.
SWEEP_S = 30.0
#: Topics in one statement of a sweep.
_PORTION = 2000


class HeadPoll:
    """Runs until cancelled."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def run(self) -> None:
        swept_at = time.monotonic()
        while True:
            await asyncio.sleep(HEAD_POLL_S)
            try:
                await self.look()
                if time.monotonic() - swept_at > SWEEP_S:
                    swept_at = time.monotonic()
                    await self._sweep()
            except Exception as error:
                log.warning("The heads could not be read (%s)", error)

    async def look(self) -> None:
        """One query for all estates served here."""
        estates = list(self._hub.by_estate)
        if estates:
            self._take(await in_urgent_thread(event_log.changed_heads, estates))

    async def _sweep(self) -> None:
        names = list(self._hub.followers)
        for at in range(0, len(names), _PORTION):
            self._take(await in_urgent_thread(event_log.heads_of, names[at : at + _PORTION]))

    def _take(self, heads: dict[str, Head]) -> None:
        for name, head in heads.items():
            follower = self._hub.followers.get(name)
            if follower is None or follower.last is None:
                continue
            if follower.epoch != head.epoch:
                self._hub.restart(name, "the log has a new epoch")
                continue
            follower.wanted = max(follower.wanted, head.head)
            self._hub.catch_up.notice(follower)
