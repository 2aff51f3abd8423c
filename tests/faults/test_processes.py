"""Several processes: what one of them commits is heard at all of them, and any of them may go."""

import signal
import time

import pytest

from tests.faults.conftest import Towns
from tests.faults.scenes import Traffic, assert_nothing_missing, raise_alert, settle, until
from tests.support.client import Client
from tests.support.seeding import Town
from tests.support.systems import Production
from tests.support.twilio import FakeTwilio
from tests.support.wire import Tablet

pytestmark = [pytest.mark.fault, pytest.mark.timeout(120)]


async def test_what_web_commits_is_heard_at_both_and_a_sign_out_cuts_off_both(
    production: Production, towns: Towns
) -> None:
    town = towns.take()
    api = await production.door.sign_in(town.gate)
    tablets = [
        await door.tablet(town.gate, token=await door.token(town.gate, client=api))
        for door in production.doors
    ]
    alert = await raise_alert(await production.door.sign_in(town.ada), town.ada)
    for tablet in tablets:
        raised = await tablet.expect("emergency.alert.raised", timeout=2)
        assert raised["data"]["alert"]["id"] == alert["id"]

    await api.delete("/_allauth/app/v1/auth/session")

    began = time.monotonic()
    for tablet in tablets:
        assert await tablet.close_code(timeout=10) == 4503
        assert time.monotonic() - began < 5


async def test_support_that_a_manager_ends_is_cut_off_at_both(production: Production, towns: Towns) -> None:
    town = towns.take()
    access, token = production.run("-m", "tests.faults.supporter", town.estate_id).split()
    tablets = [await Tablet.connect(door.ws, token=token) for door in production.doors]
    musa = await production.door.sign_in(town.musa)

    ended = await musa.delete(town.musa.url(f"support/{access}/"))

    assert ended.status_code == 204, ended.text
    began = time.monotonic()
    for tablet in tablets:
        assert await tablet.close_code(timeout=10) == 4503
        assert time.monotonic() - began < 5


async def test_who_is_here_is_told_whichever_process_he_is_connected_to(
    production: Production, towns: Towns
) -> None:
    town = towns.take()
    first, second = production.doors
    gate = await first.tablet(town.gate, device="north")
    assert len((await gate.frame("presence_state"))["present"]) == 1

    chief = await second.tablet(town.chief, device="office")
    joined = await gate.frame("presence_diff")
    assert [meta["device"] for one in joined["joins"].values() for meta in one["metas"]] == ["office"]
    assert len((await chief.frame("presence_state"))["present"]) == 2
    await chief.close()
    left = await gate.frame("presence_diff")

    assert left["leaves"] == joined["joins"]
    await gate.close()


async def test_a_process_that_is_told_to_stop_sends_its_clients_to_the_other(
    production: Production, towns: Towns
) -> None:
    town = towns.take()
    first, second = production.doors
    moved = await Client.start(first, second, person=town.gate, name="moved")
    stayed = await Client.start(second, person=town.chief, name="stayed")
    async with Traffic(production.door, town) as traffic:
        await traffic.more(20)
        process = production.processes["realtime-0"]
        process.send(signal.SIGTERM)
        await moved.until(lambda: moved.closes == [4000])
        await moved.until(lambda: moved.is_connected)
        await traffic.more(20)
        await traffic.stop()
    await settle(production, [moved, stayed], town.lane, town.guards)

    assert_nothing_missing(production, [moved, stayed])
    assert stayed.closes == []
    assert process.wait() == 0
    production.start_process("realtime-0")
    for client in (moved, stayed):
        await client.stop()


async def test_killed_processes_lose_nothing_either(
    production: Production, towns: Towns, twilio: FakeTwilio
) -> None:
    """kill -9 of a realtime process under traffic, and of the worker in the middle of a ladder."""
    town, quick = towns.take(), towns.take_quick()
    first, second = production.doors
    moved = await Client.start(first, second, person=town.gate, name="moved")
    async with Traffic(production.door, town) as traffic:
        alert = await raise_alert(await production.door.sign_in(quick.ada), quick.ada)
        await traffic.more(10)
        for name in ("realtime-0", "worker"):
            production.processes[name].stop(signal.SIGKILL)
            production.start_process(name)
        await traffic.more(20)
        await traffic.stop()
    await settle(production, [moved], town.lane, town.guards)

    assert_nothing_missing(production, [moved])
    # Late by the worker's start, but each once.
    wanted = {"gate": 2, "sule": 2, "chief": 1, "musa": 1}
    await until(lambda: counts(twilio, quick) == wanted, f"texts of {alert['id']}", timeout_s=40)
    await moved.stop()


def counts(twilio: FakeTwilio, town: Town) -> dict[str, int]:
    found = {person.key: len(twilio.phone(person.phone).texts) for person in town.people}
    return {key: count for key, count in found.items() if count}
