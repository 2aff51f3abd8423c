"""Who is here, told to those who may see it: once a second, in one query for all estates with such an audience.

The leases in the database are the truth, because there are several processes. What is told is ephemeral: it stands in
no log and has no offset. Who could not take a frame is given the whole the next time.
"""

import asyncio
import logging
from typing import TYPE_CHECKING
from uuid import UUID

from realtime.ephemeral import offered
from realtime.frames import encode
from realtime.roster import Roster, diff_of, read_rosters, state_of
from realtime.session import Session
from realtime.threads import in_thread
from realtime.topics import guards

if TYPE_CHECKING:
    from realtime.hub import Hub

log = logging.getLogger(__name__)

#: Seconds between two looks, and so between two presence frames of a socket.
PRESENCE_POLL_S = 1.0


class PresencePoll:
    """Runs until cancelled. The audience of an estate's presence is that of its topic `guards`."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        #: What was read last, by estate.
        self._rosters: dict[UUID, Roster] = {}
        #: Those who know exactly that.
        self._told: set[Session] = set()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(PRESENCE_POLL_S)
            try:
                await self.look()
            except Exception as error:
                log.warning("Presence could not be read (%s)", error)

    async def look(self) -> None:
        """Tell newcomers everything, and the others what has changed."""
        estates = [estate_id for estate_id in self._hub.by_estate if self._audience(estate_id)]
        rosters = await in_thread(read_rosters, estates) if estates else {}
        told: set[Session] = set()
        for estate_id, roster in rosters.items():
            audience = self._audience(estate_id)
            known = self._told & audience
            diff = diff_of(self._rosters.get(estate_id, roster), roster)
            told |= await offered(encode(diff), known) if diff else known
            if newcomers := audience - known:
                told |= await offered(encode(state_of(roster)), newcomers)
        self._rosters, self._told = rosters, told

    def _audience(self, estate_id: UUID) -> set[Session]:
        return self._hub.hearing(guards(estate_id))
