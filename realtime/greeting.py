"""Letting clients in: many at once, in the order in which they came, at so many queries for all of them.

After a restart every tablet of an estate comes back within seconds. Each query here is one for a whole batch, and while
many wait, batches are made to fill.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.errors import ClustrError, Unavailable
from estates.members import Member
from realtime.admission import admit
from realtime.arrival import Arrival
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.frames import Connect, Welcome, encode
from realtime.replay import Replay
from realtime.session import Session
from realtime.threads import in_thread
from realtime.topics import Topic

if TYPE_CHECKING:
    from realtime.hub import Hub

log = logging.getLogger(__name__)

#: Clients that are let in together at most.
BATCH = 1000
#: Clients in a batch from which on the next one is given `PACE_S` seconds to fill.
MANY = 20
PACE_S = 0.6


class Greeter:
    """Welcomes clients to a hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._replay = Replay(hub)
        self._waiting: deque[Arrival] = deque()
        self._wake = asyncio.Event()

    async def welcome(self, connect: Connect, connection: Connection) -> Session:
        """The client's session, welcomed and live, or nearly so. Raises a `ClustrError` where it is not let in."""
        arrival = Arrival(connect, connection, asyncio.get_running_loop().create_future())
        self._waiting.append(arrival)
        self._wake.set()
        return await arrival.done

    async def run(self) -> None:
        """Let in who comes, until cancelled."""
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            began = time.monotonic()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                await self._let_in(batch)
            except Exception:
                log.exception("%d clients could not be let in", len(batch))
                for arrival in batch:
                    self._turn_away(arrival, Unavailable("The server could not read the log. Try again."))
            if len(batch) >= MANY:
                await asyncio.sleep(max(0.0, began + PACE_S - time.monotonic()))

    async def _let_in(self, batch: Sequence[Arrival]) -> None:
        """Subscribe first, then look where everything stands, then replay, then go live.

        An event that is committed in between is then seen twice and dropped once, never seen zero times.
        """
        admitted = await in_thread(admit, [arrival.connect for arrival in batch])
        arrivals = []
        for arrival, answer in zip(batch, admitted, strict=True):
            if isinstance(answer, ClustrError):
                self._turn_away(arrival, answer)
            elif not arrival.done.cancelled():
                member, topics, arrival.resume_token = answer
                arrival.session = self._session_of(arrival, member, topics)
                arrivals.append((arrival, arrival.session))
        estates = {session.member.estate_id for _, session in arrivals}
        await asyncio.gather(*(self._hub.groups.join(estate_id) for estate_id in estates))
        past, open_alerts = await self._replay.look(arrivals)
        for (arrival, session), alerts in zip(arrivals, open_alerts, strict=True):
            self._say_welcome(arrival, session, alerts)
        for arrival, session in arrivals:
            self._replay.bring_up_to_date(arrival, session, past)
            if arrival.done.done():
                # Its task was cancelled: nobody will say that it left.
                self._hub.leave(session)
                session.stop()
            else:
                arrival.done.set_result(session)

    def _session_of(self, arrival: Arrival, member: Member, topics: list[Topic]) -> Session:
        session = Session(
            member=member,
            device=arrival.connect.device,
            topics=topics,
            connection=arrival.connection,
            closing=asyncio.get_running_loop().create_future(),
            heard_at=time.monotonic(),
            readiness=self._hub.readiness,
        )
        self._hub.subscribe(session)
        return session

    def _turn_away(self, arrival: Arrival, error: ClustrError) -> None:
        if arrival.done.done():
            # It was let in already: it must not stay open and hear nothing.
            if arrival.session is not None:
                arrival.session.close(CloseCode.RESTART, error.detail)
            return
        if arrival.session is not None:
            self._hub.leave(arrival.session)
        arrival.done.set_exception(error)

    def _say_welcome(self, arrival: Arrival, session: Session, open_alerts: list[Any]) -> None:
        welcome = Welcome(
            ref=arrival.connect.ref,
            session=session.id,
            resume_token=arrival.resume_token,
            heartbeat_s=settings.CLUSTR_HEARTBEAT_S,
            topics=arrival.standing,
            open_alerts=open_alerts,
        )
        session.push(encode(welcome), urgent=True)
