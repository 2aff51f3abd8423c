"""The clients of a soak: the real client library, and a history of what it heard and told."""

import asyncio
import itertools
import ssl
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

import httpx

from bench.soak.deployment import Deployment
from clustr_client import Account, ClientError, Event, Feed, State, Timing, Unreachable, Welcome
from clustr_client.doors import Doors as Ring
from clustr_client.positions import Verdict
from tests.support.doors import Doors
from tests.support.history import History, Placed
from tests.support.seeding import Citizen
from tests.support.stalling import StallableLine

TIMING = Timing(first_wait_s=0.2, most_wait_s=3.0, lasted_s=2.0)
#: People who sign in at the same time, and after how many the limit of sign-ins is forgotten: they all come from here.
AT_ONCE, LIMIT = 6, 24
#: Seconds that one sign-in may take, and all welcomes together.
SIGN_IN_S = 60.0


class Listener:
    """One person's device. `history`: what the wire brought; `told`: ids of the events that the program was given."""

    def __init__(self, doors: Sequence[Doors], person: Citizen, name: str, tls: ssl.SSLContext) -> None:
        self.person = person
        self.name = name
        self.history = History(name, person.topics)
        self.told: list[str] = []
        #: How its connections ended, by close code.
        self.closes: Counter[int | None] = Counter()
        self.welcomes = 0
        #: How often it was sent to a snapshot after the first time.
        self.resyncs = 0
        self.is_stalled = False
        self._line = StallableLine()
        self._http = httpx.AsyncClient(timeout=8, verify=tls)
        self.account = Account(Ring(doors[:1]), name=person.email, password=person.password, http=self._http)
        self.feed = Feed(
            doors,
            self.account,
            estate_id=person.estate_id,
            device=uuid.uuid4().hex,
            on_event=self._was_told,
            on_snapshot=self._read_snapshot,
            on_welcome=self._welcomed,
            on_placed=self._placed,
            on_lost=self._lost,
            observe=self._observe,
            timing=TIMING,
            dial=self._line.dial,
        )

    def stall(self) -> None:
        """Read nothing until `read_on`; with a narrow window from its next connection on."""
        self.is_stalled = True
        self._line.narrow()
        self._line.stall()

    def read_on(self) -> None:
        self.is_stalled = False
        self._line.read_on()

    def has(self, heads: Mapping[str, int]) -> bool:
        """Whether it is connected and knows every topic that it may hear up to there."""
        if self.feed.state is not State.LIVE:
            return False
        have = self.feed.positions.offsets()
        return all(have.get(topic, -1) >= heads.get(topic, 0) for topic in self.person.topics)

    async def stop(self) -> None:
        self.read_on()
        await self.feed.stop()
        await self.account.aclose()

    # --- what the library tells ---------------------------------------------------------------------------------------

    def _welcomed(self, _: Welcome) -> None:
        self.welcomes += 1

    def _placed(self, topics: Mapping[str, int]) -> None:
        self.resyncs += self.welcomes > 1
        self.history.entries += [Placed(topic, head) for topic, head in topics.items()]

    def _observe(self, event: Event, verdict: Verdict) -> None:
        """What is known already is noted as well: it should not have come. What follows a gap comes once more."""
        if verdict is not Verdict.GAP:
            self.history.hear(event.topic, event.offset, event.id, at_s=time.monotonic())

    def _was_told(self, event: Event) -> None:
        self.told.append(str(event.id))

    async def _read_snapshot(self, _: Mapping[str, int]) -> None:
        """As an app does. While REST is away the app shows what it has: the position was taken before."""
        with suppress(ClientError):
            await self.feed.get("alerts/?state=open")

    def _lost(self, code: int | None) -> None:
        self.closes[code] += 1


async def connect_all(deployment: Deployment, people: Sequence[Citizen]) -> list[Listener]:
    """Everybody signed in and connected, half of them at each realtime process."""
    tls = ssl.create_default_context()
    first, second = deployment.doors
    doors = itertools.cycle([(first, second), (second, first)])
    listeners = [Listener(next(doors), person, person.name, tls) for person in people]
    gate = asyncio.Semaphore(AT_ONCE)
    for batch in (listeners[at : at + LIMIT] for at in range(0, len(listeners), LIMIT)):
        await asyncio.to_thread(_forget_sign_ins, deployment)
        await asyncio.gather(*(_sign_in(gate, listener) for listener in batch))
        for listener in batch:
            listener.feed.start()
    async with asyncio.timeout(SIGN_IN_S):
        while not all(listener.welcomes for listener in listeners):
            await asyncio.sleep(0.1)
    return listeners


async def _sign_in(gate: asyncio.Semaphore, listener: Listener) -> None:
    """On a machine that is busy elsewhere an answer may take longer than an app waits."""
    deadline = time.monotonic() + SIGN_IN_S
    async with gate:
        while True:
            try:
                await listener.account.sign_in()
                return
            except Unreachable:
                if time.monotonic() > deadline:
                    raise


def _forget_sign_ins(deployment: Deployment) -> None:
    with deployment.redis.client() as cache:
        cache.flushdb()
