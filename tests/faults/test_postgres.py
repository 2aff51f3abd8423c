"""PostgreSQL is the truth: while it is away nothing can be raised, and afterwards everything goes on by itself."""

import asyncio
import time

import httpx
import pytest

from tests.faults.conftest import Towns
from tests.faults.scenes import Traffic, assert_nothing_missing, expect_texts, raise_alert, settle, until
from tests.support.client import Client
from tests.support.systems import Production
from tests.support.twilio import FakeTwilio

pytestmark = [pytest.mark.fault, pytest.mark.timeout(150)]


async def test_sockets_survive_a_restart_of_postgres_and_miss_nothing(
    production: Production, towns: Towns
) -> None:
    town = towns.take()
    guards = [
        await Client.start(door, person=person, name=f"{person.key} {number}")
        for number, door in enumerate(production.doors)
        for person in (town.gate, town.chief)
    ]
    async with Traffic(production.door, town) as traffic:
        await traffic.more(20)
        for halt in (production.postgres.stop, production.postgres.kill):
            await asyncio.to_thread(halt)
            async with httpx.AsyncClient(base_url=production.door.http, timeout=20) as api:
                answer = await api.get("/readyz")
                assert answer.status_code == 503
                assert answer.json()["checks"]["database"] != "ok"
                assert (await api.get("/healthz")).status_code == 200
            await production.postgres.start_soon()
            await traffic.more(20)
        await traffic.stop()
    await settle(production, guards, town.lane, town.guards)

    assert_nothing_missing(production, guards)
    assert all(guard.closes == [] for guard in guards)
    for guard in guards:
        await guard.stop()


async def test_no_sos_pays_for_connections_that_a_restart_broke(production: Production, towns: Towns) -> None:
    town = towns.take()
    apis = [await production.door.sign_in(person) for person in town.people]
    # Many at once, so that the pool has many connections.
    await asyncio.gather(
        *(api.get(person.url("alerts/")) for api, person in zip(apis, town.people, strict=True))
    )

    await asyncio.to_thread(production.postgres.stop)
    await production.postgres.start_soon()
    alerts = await asyncio.gather(
        *(raise_alert(api, person) for api, person in zip(apis, town.people, strict=True))
    )

    assert sorted(alert["number"] for alert in alerts) == list(range(1, len(town.people) + 1))


async def test_one_request_gets_past_all_the_connections_that_a_restart_broke(
    production: Production, towns: Towns
) -> None:
    town = towns.take()
    apis = [await production.door.sign_in(person) for person in town.people]
    await asyncio.gather(*(api.get("/api/v1/me/") for api in apis * 3))
    await asyncio.to_thread(production.postgres.stop)
    await production.postgres.start_soon()

    began = time.monotonic()
    await raise_alert(apis[0], town.ada)
    assert time.monotonic() - began < 2


async def test_an_sos_that_comes_while_postgres_restarts_waits_for_it(
    production: Production, towns: Towns
) -> None:
    town = towns.take()
    ada = await production.door.sign_in(town.ada)
    await asyncio.to_thread(production.postgres.stop)
    raising = asyncio.create_task(raise_alert(ada, town.ada))
    # Longer than a first try to connect, and a second.
    await asyncio.sleep(4)
    await production.postgres.start_soon()

    began = time.monotonic()
    await raising
    assert time.monotonic() - began < 3


async def test_steps_that_came_due_while_postgres_was_away_are_taken_once(
    production: Production, towns: Towns, twilio: FakeTwilio
) -> None:
    town = towns.take_quick()
    alert = await raise_alert(await production.door.sign_in(town.ada), town.ada)
    # No guard is present: the first texts are due at once.
    await until(lambda: twilio.phone(town.gate.phone).texts != [], "the first text")

    await asyncio.to_thread(production.postgres.stop)
    await asyncio.sleep(3)
    await production.postgres.start_soon()

    await expect_texts(
        twilio, town, alert, {"gate": [0, 2], "sule": [0, 2], "chief": [2], "musa": [4]}, late_s=15
    )
