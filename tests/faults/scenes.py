"""Short ways to make things happen and to look at what came of them."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx

from tests.support.client import Client
from tests.support.doors import Doors
from tests.support.history import Fault, faults_in, gaps_in
from tests.support.seeding import Citizen, Town
from tests.support.systems import System
from tests.support.twilio import FakeTwilio


async def until(is_so: Callable[[], bool], what: str, *, timeout_s: float = 20) -> None:
    """Wait for a condition that nobody tells us about."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        await asyncio.sleep(0.05)


async def toggle_duty(api: httpx.AsyncClient, guard: Citizen, times: int) -> None:
    """So many events in the guards' topic, through REST. The guard must be off duty."""
    for number in range(times):
        answer = await api.post(guard.url("duty/"), json={"on": number % 2 == 0})
        assert answer.status_code == 200, answer.text


async def raise_alert(api: httpx.AsyncClient, person: Citizen, **body: Any) -> dict[str, Any]:
    answer = await api.post(person.url("alerts/"), json={"category": "medical", **body})
    assert answer.status_code == 201, answer.text
    alert: dict[str, Any] = answer.json()
    return alert


async def end_alert(api: httpx.AsyncClient, guard: Citizen, alert: dict[str, Any]) -> None:
    """Resolved, so that its ladder rests."""
    answer = await api.post(
        guard.url(f"alerts/{alert['id']}/resolve/"), json={"outcome": "test", "report": "A test."}
    )
    assert answer.status_code == 200, answer.text


def texts(twilio: FakeTwilio, people: Iterable[Citizen | str], since: datetime) -> dict[str, list[float]]:
    """By person (or number), at how many seconds after `since` texts for him came to Twilio; without who got none."""
    found = {}
    for person in people:
        number = person if isinstance(person, str) else person.phone
        key = person if isinstance(person, str) else person.key
        times = [(message.created_at - since).total_seconds() for message in twilio.phone(number).messages]
        if times:
            found[key] = times
    return found


async def expect_texts(
    twilio: FakeTwilio,
    town: Town,
    alert: dict[str, Any],
    expected: Mapping[str, Sequence[float]],
    *,
    others: Sequence[str] = (),
    late_s: float = 1.5,
) -> None:
    """Wait for the ladder's texts. `expected`: by name in the cast (or number), the seconds at which each is due.

    They must come within `late_s` of that, to these people and to nobody else in town. `others`: further numbers.
    """
    since = datetime.fromisoformat(alert["raised_at"])
    people: list[Citizen | str] = [*town.people, *others]
    wanted = {key: len(dues) for key, dues in expected.items()}
    patience = max(due for dues in expected.values() for due in dues) + late_s + 10
    while (datetime.now(UTC) - since).total_seconds() < patience:
        found = texts(twilio, people, since)
        if all(len(found.get(key, [])) >= count for key, count in wanted.items()):
            break
        await asyncio.sleep(0.05)
    found = texts(twilio, people, since)
    counted = {key: len(times) for key, times in found.items()}
    assert counted == wanted, f"{counted} and not {wanted}"
    for key, dues in expected.items():
        for due, came in zip(dues, found[key], strict=True):
            assert due - 0.05 <= came <= due + late_s, f"{key}'s text of second {due} came at {found[key]}"


class Traffic:
    """Events that come all the time, until it is stopped: duty begins and ends, alerts are raised and resolved.

    A request that fails while something is broken is tried again, as an app would.
    """

    def __init__(self, door: Doors, town: Town, *, pause_s: float = 0.02) -> None:
        self._door, self._town, self._pause_s = door, town, pause_s
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        #: Ids of the alerts that were answered with 201.
        self.raised: list[str] = []
        self.done = 0
        self.refused = 0

    async def __aenter__(self) -> "Traffic":
        ada, bola, sule, gate = [
            await self._door.sign_in(one)
            for one in (self._town.ada, self._town.bola, self._town.sule, self._town.gate)
        ]
        self._tasks = [
            asyncio.create_task(self._duty(sule, self._town.sule)),
            asyncio.create_task(self._alerts(ada, self._town.ada, gate)),
            asyncio.create_task(self._alerts(bola, self._town.bola, gate)),
        ]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def more(self, count: int, *, timeout_s: float = 20) -> None:
        """Until so many more requests were answered."""
        wanted = self.done + count
        async with asyncio.timeout(timeout_s):
            while self.done < wanted:
                await asyncio.sleep(0.01)

    async def _duty(self, api: httpx.AsyncClient, guard: Citizen) -> None:
        for is_on in itertools.cycle((True, False)):
            if self._stopping.is_set():
                return
            await self._post(api, guard.url("duty/"), {"on": is_on})

    async def _alerts(self, api: httpx.AsyncClient, person: Citizen, guard: httpx.AsyncClient) -> None:
        while not self._stopping.is_set():
            alert = await self._post(api, person.url("alerts/"), {"category": "medical"})
            if alert is None:
                continue
            self.raised.append(alert["id"])
            body = {"outcome": "test", "report": "A test."}
            while await self._post(guard, person.url(f"alerts/{alert['id']}/resolve/"), body) is None:
                if self._stopping.is_set():
                    return

    async def _post(self, api: httpx.AsyncClient, url: str, body: dict[str, Any]) -> Any:
        await asyncio.sleep(self._pause_s)
        with suppress(httpx.HTTPError):
            answer = await api.post(url, json=body)
            if answer.is_success:
                self.done += 1
                return answer.json()
        self.refused += 1
        return None


async def expect_hints(door: Doors, town: Town, clients: Sequence[Client]) -> None:
    """Wait until events come at once again, several times running: the head poll alone would need up to a second."""
    sule = await door.sign_in(town.sule)
    in_a_row = 0
    is_on = (await sule.get(town.sule.url("duty/"))).json()["me"] is not None
    deadline = time.monotonic() + 20
    while in_a_row < 5:
        assert time.monotonic() < deadline, "only the head poll brings events"
        is_on = not is_on
        counts = [len(client.events) for client in clients]
        await sule.post(town.sule.url("duty/"), json={"on": is_on})
        answered = time.monotonic()
        for client, count in zip(clients, counts, strict=True):
            await client.until(partial(_has_more, client, count))
        in_a_row = in_a_row + 1 if time.monotonic() - answered < 0.25 else 0


def _has_more(client: Client, count: int) -> bool:
    return len(client.events) > count


async def settle(system: System, clients: Sequence[Client], *topics: str, timeout_s: float = 20) -> None:
    """Nothing happens any more: wait until every client is connected and has all there is."""
    heads = await asyncio.to_thread(system.heads, *topics)
    for client in clients:
        await client.until(partial(client.has_all, heads), timeout_s=timeout_s)


def found_missing(system: System, clients: Sequence[Client]) -> list[Fault]:
    """Hold every client's history against the log."""
    log = system.log(*frozenset().union(*(client.history.entitled for client in clients)))
    assert gaps_in(log) == []
    return [fault for client in clients for fault in faults_in(client.history, log)]


def assert_nothing_missing(system: System, clients: Sequence[Client]) -> None:
    faults = found_missing(system, clients)
    assert faults == [], [str(fault) for fault in faults]
