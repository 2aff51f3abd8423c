"""Redis is a hint: it may be stopped, emptied, hung or cut off, and nothing is missing afterwards."""

import asyncio
import signal
import time
from typing import Any

import pytest
from redis import Redis

from tests.faults.conftest import Towns
from tests.faults.scenes import (
    Traffic,
    assert_nothing_missing,
    expect_hints,
    expect_texts,
    raise_alert,
    settle,
    toggle_duty,
    until,
)
from tests.support.client import Client
from tests.support.systems import Production
from tests.support.twilio import FakeTwilio
from tests.support.wire import Tablet

pytestmark = [pytest.mark.fault, pytest.mark.timeout(150)]

#: `stop`: connections are refused. `pause`: those that exist get no answer. `fall_silent`: new ones get none either.
FAULTS = ["stop", "pause", "fall_silent"]


async def test_what_happened_while_the_guard_was_away_and_redis_was_stopped_comes_once_and_in_order(
    production: Production, towns: Towns
) -> None:
    town = towns.take()
    sule = await production.door.sign_in(town.sule)
    tablet = await production.door.tablet(town.gate)
    await toggle_duty(sule, town.sule, 2)
    for _ in range(2):
        await tablet.event()
    await tablet.close()

    await toggle_duty(sule, town.sule, 4)
    await asyncio.to_thread(production.redis.stop)
    await toggle_duty(sule, town.sule, 4)
    await production.redis.start_soon()
    await toggle_duty(sule, town.sule, 2)
    again = await Tablet.connect(
        production.doors[1].ws, resume_token=tablet.welcome["resume_token"], positions=tablet.positions
    )

    assert all(state["recovered"] for state in again.welcome["topics"].values())
    offsets = [(await again.event())["offset"] for _ in range(10)]
    assert offsets == list(range(3, 13))
    assert await again.silent(1.5)
    await again.close()


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_sos_does_not_need_redis(
    production: Production, towns: Towns, twilio: FakeTwilio, fault: str
) -> None:
    guarded, unguarded = towns.take_quick(), towns.take_quick()
    ada = await production.door.sign_in(guarded.ada)
    served = await Client.start(production.door, person=guarded.gate, is_receipting=False)

    await asyncio.to_thread(getattr(production.redis, fault))
    began = time.monotonic()
    alert = await raise_alert(ada, guarded.ada)
    answered = time.monotonic()
    assert answered - began < 1.5
    raised = await served.expect("emergency.alert.raised", id=alert["id"])
    assert served.arrival_of(raised) - answered < 2

    # Whoever comes now, and is served by nobody here yet, signs in, is welcomed, and hears as well.
    tablet = await production.door.tablet(unguarded.chief)
    other = await raise_alert(await production.door.sign_in(unguarded.ada), unguarded.ada)
    heard = await tablet.expect("emergency.alert.raised", timeout=3)
    assert heard["data"]["alert"]["id"] == other["id"]

    # And the ladder is climbed. Where no guard is present, its first texts are due at once.
    await expect_texts(twilio, guarded, alert, {"gate": [1, 2], "sule": [1, 2], "chief": [2], "musa": [4]})
    await expect_texts(twilio, unguarded, other, {"gate": [0, 2], "sule": [0, 2], "chief": [2], "musa": [4]})

    await production.redis.start_soon()
    await expect_hints(production.door, guarded, [served])
    await tablet.close()
    await served.stop()


async def test_processes_that_start_while_redis_is_away_work_and_find_it_later(
    production: Production, towns: Towns, twilio: FakeTwilio
) -> None:
    town = towns.take_quick()
    ada = await production.door.sign_in(town.ada)
    await asyncio.to_thread(production.redis.stop)
    for name in ("realtime-0", "worker"):
        production.processes[name].stop(signal.SIGKILL)
        production.start_process(name)

    gate = await Client.start(production.door, person=town.gate, is_receipting=False)
    alert = await raise_alert(ada, town.ada)
    await gate.expect("emergency.alert.raised", id=alert["id"], timeout_s=3)
    await until(lambda: twilio.phone(town.musa.phone).texts != [], "the last step's text", timeout_s=30)

    await production.redis.start_soon()
    with production.redis.client(1) as broker:
        await until(lambda: is_waiting_for_tasks(broker), "the worker takes tasks", timeout_s=40)
        # There is no worker for the default queue here: what the beat sends stays.
        await until(lambda: bool(broker.llen("default")), "the beat ticks", timeout_s=40)
    await expect_hints(production.door, town, [gate])
    await gate.stop()


def is_waiting_for_tasks(broker: Redis) -> bool:
    clients: Any = broker.client_list()
    return any(client["cmd"] == "brpop" for client in clients)


@pytest.mark.parametrize("fault", ["restart", "flush", "cut"])
async def test_no_event_is_missing_when_redis_is_restarted_emptied_or_cuts_its_connections(
    production: Production, towns: Towns, fault: str
) -> None:
    town = towns.take()
    guards = [
        await Client.start(door, person=person, name=f"{person.key} {number}")
        for number, door in enumerate(production.doors)
        for person in (town.gate, town.chief)
    ]
    async with Traffic(production.door, town) as traffic:
        await traffic.more(20)
        for _ in range(2):
            match fault:
                case "restart":
                    await asyncio.to_thread(production.redis.stop)
                    await traffic.more(10)
                    await production.redis.start_soon()
                case "flush":
                    with production.redis.client() as client:
                        client.flushall()
                case _:
                    with production.redis.client() as client:
                        client.client_kill_filter(_type="pubsub")
            await traffic.more(20)
        await traffic.stop()
    await settle(production, guards, town.lane, town.guards)

    assert_nothing_missing(production, guards)
    assert all(guard.closes == [] for guard in guards)
    assert traffic.refused == 0
    await expect_hints(production.door, town, guards)
    for guard in guards:
        await guard.stop()
