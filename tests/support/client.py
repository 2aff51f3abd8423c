"""A client that behaves as the protocol says: keeps its places, says what it has, comes back whenever it is cut off.

The Python client library does all that. Here it is watched: what the wire brought is noted in a `History` that can be
held against the log.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

import msgspec

from clustr_client import Account, Event, Feed, GaveUp, State, Timing, Welcome
from clustr_client.doors import Doors as Ring
from clustr_client.positions import Verdict
from tests.support.doors import Doors
from tests.support.history import History, Placed
from tests.support.seeding import Citizen
from tests.support.stalling import StallableLine
from tests.support.wire import Frame

#: Short waits, because tests wait for them; and a break is never forgiven later than the first one.
TIMING = Timing(first_wait_s=0.1, most_wait_s=1.0, lasted_s=0, silence=2.5)

__all__ = ["Client", "GaveUp"]


class Client:
    """`doors`: where it may go; after each break it tries the next one."""

    def __init__(
        self,
        doors: Sequence[Doors],
        person: Citizen,
        *,
        name: str,
        is_receipting: bool,
    ) -> None:
        self.name = name
        self.history = History(name, person.topics)
        self.events: list[Frame] = []
        #: When each of `events` arrived (monotonic seconds).
        self.times: list[float] = []
        self.welcomes: list[Frame] = []
        #: How each connection ended: the close code, None where it broke or went silent.
        self.closes: list[int | None] = []
        self.is_receipting = is_receipting
        # One sign-in, at the first door: the others may serve sockets alone.
        self._account = Account(Ring(doors[:1]), name=person.email, password=person.password, timeout_s=20)
        self._line = StallableLine()
        self.feed = Feed(
            doors,
            self._account,
            estate_id=person.estate_id,
            device=uuid.uuid4().hex,
            on_welcome=self._welcomed,
            on_placed=self._placed,
            on_lost=self._lost,
            observe=self._observe,
            is_receipting=is_receipting,
            timing=TIMING,
            dial=self._line.dial,
        )
        self._changed = asyncio.Event()

    @classmethod
    async def start(
        cls, *doors: Doors, person: Citizen, name: str = "client", is_receipting: bool = True
    ) -> Self:
        """Signed in, connected and welcomed."""
        client = cls(doors, person, name=name, is_receipting=is_receipting)
        await client._account.sign_in()
        await client.back()
        return client

    @property
    def is_connected(self) -> bool:
        return self.feed.state is State.LIVE

    @property
    def positions(self) -> dict[str, Frame]:
        found: dict[str, Frame] = msgspec.to_builtins(self.feed.positions.for_connect())
        return found

    async def stop(self) -> None:
        await self.feed.stop()
        await self._account.aclose()

    async def get(self, path: str) -> Any:
        """REST in his estate, as him."""
        return await self.feed.get(path)

    async def post(self, path: str, **body: Any) -> Any:
        return await self.feed.post(path, body)

    async def stall(self) -> None:
        """Come back with a small window, and read nothing any more; it still looks alive."""
        await self.away()
        self._line.narrow()
        await self.back()
        self._line.stall()

    def read_on(self) -> None:
        self._line.read_on()

    async def away(self) -> None:
        """Cut off, until `back`; positions and history are kept."""
        await self.feed.pause()

    async def back(self) -> None:
        """Connected again, with what it knew."""
        self.feed.start()
        await self.until(lambda: self.is_connected)

    async def until(self, wanted: Callable[[], bool], *, timeout_s: float = 20) -> None:
        """Wait until something that the client experiences makes `wanted` true. Raises what ended the client."""
        deadline = time.monotonic() + timeout_s
        while not wanted():
            if self.feed.gave_up is not None:
                raise self.feed.gave_up
            left = deadline - time.monotonic()
            assert left > 0, f"{self.name} waited in vain; positions {self.positions}, closes {self.closes}"
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), min(left, 0.5))

    async def expect(self, event: str, *, timeout_s: float = 20, **about: Any) -> Frame:
        """The first event of this type, past or coming. `about`: members of its alert."""

        def found() -> Frame | None:
            for frame in self.events:
                alert = frame["data"].get("alert", {})
                if frame["event"] == event and all(alert.get(key) == value for key, value in about.items()):
                    return frame
            return None

        await self.until(lambda: found() is not None, timeout_s=timeout_s)
        frame = found()
        assert frame is not None
        return frame

    def arrival_of(self, frame: Frame) -> float:
        """When an event arrived (monotonic seconds)."""
        return self.times[self.events.index(frame)]

    def has_all(self, heads: dict[str, int]) -> bool:
        """Whether it is connected and knows the topics up to there, as far as it may hear them."""
        if not self.is_connected:
            return False
        return all(
            self.positions[topic]["offset"] >= head
            for topic, head in heads.items()
            if topic in self.positions
        )

    # --- what the library tells ---------------------------------------------------------------------------------------

    def _welcomed(self, welcome: Welcome) -> None:
        self.welcomes.append(msgspec.to_builtins(welcome))
        self._changed.set()

    def _placed(self, topics: Mapping[str, int]) -> None:
        self.history.entries += [Placed(topic, head) for topic, head in topics.items()]

    def _observe(self, event: Event, verdict: Verdict) -> None:
        """What is known already is noted as well: it should not have come. What follows a gap comes once more."""
        if verdict is Verdict.GAP:
            return
        self.history.hear(event.topic, event.offset, event.id)
        self.events.append(msgspec.to_builtins(event))
        self.times.append(time.monotonic())
        self._changed.set()

    def _lost(self, code: int | None) -> None:
        self.closes.append(code)
        self._changed.set()
