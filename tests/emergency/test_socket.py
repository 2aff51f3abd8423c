"""The same services over the wire: commands, events, receipts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from realtime.commands import commands
from tests.support.wire import Tablet

pytestmark = pytest.mark.socket


@asynccontextmanager
async def tablets(server, *people) -> AsyncIterator[list[Tablet]]:
    """Connected tablets that show signs of life, however busy the machine is; closed at the end."""
    opened = [await server.tablet(person) for person in people]
    beating = asyncio.create_task(_beat(opened))
    try:
        yield opened
    finally:
        beating.cancel()
        for tablet in opened:
            await tablet.close()


async def _beat(opened: list[Tablet]) -> None:
    while True:
        for tablet in opened:
            await tablet.send({"type": "ping", "ref": "alive"})
        await asyncio.sleep(0.5)


async def test_an_sos_goes_the_whole_way_over_sockets(server, cast):
    async with tablets(server, cast.ada, cast.gate) as (ada, gate):
        alert_id = str(uuid4())
        reply = await ada.command("emergency.alert.raise", {"id": alert_id, "category": "robbery"}, key="k")
        assert reply["type"] == "reply"

        raised = await gate.expect("emergency.alert.raised")
        assert raised["topic"] == f"estate.{cast.estate.pk}.emergency"
        assert raised["data"]["alert"] == reply["data"]
        assert (await ada.expect("emergency.alert.raised"))["topic"] == f"member.{cast.ada.id}"

        for name, extra, event in (
            ("acknowledge", {}, "acknowledged"),
            ("respond", {"eta_s": 60}, "responding"),
            ("on_scene", {}, "on_scene"),
            ("resolve", {"outcome": "real", "report": "Nobody there."}, "resolved"),
        ):
            answer = await gate.command(f"emergency.alert.{name}", {"id": alert_id, **extra})
            assert answer["type"] == "reply", answer
            heard = await ada.expect(f"emergency.alert.{event}")
            assert heard["data"]["by"]["name"] == "Gate Musa"
        closed = await ada.command("emergency.alert.close", {"id": alert_id})
        assert closed["data"]["state"] == "closed"
        assert (await gate.expect("emergency.alert.closed"))["data"]["alert"] == closed["data"]


async def test_a_countdown_is_taken_back_over_the_socket(server, cast):
    async with tablets(server, cast.ada, cast.gate) as (ada, gate):
        reply = await ada.command("emergency.alert.raise", {"category": "fire", "countdown_s": 10})
        cancelled = await ada.command("emergency.alert.cancel", {"id": reply["data"]["id"]})
        assert cancelled["data"]["state"] == "cancelled"
        refused = await gate.command("emergency.alert.acknowledge", {"id": reply["data"]["id"]})
        assert (refused["type"], refused["code"]) == ("error", "alert_not_found")


async def test_a_retried_command_gets_the_same_answer(server, cast):
    async with tablets(server, cast.ada) as (ada,):
        answers = [
            await ada.command("emergency.alert.raise", {"id": str(uuid4()), "category": "fire"}, key="k-1")
            for _ in range(3)
        ]
        assert answers[0]["data"] == answers[1]["data"] == answers[2]["data"]


async def test_a_bad_command_names_its_field(server, cast):
    async with tablets(server, cast.ada) as (ada,):
        answer = await ada.command("emergency.alert.raise", {"category": "zombies"})
        assert answer["type"] == "error"
        assert answer["errors"][0]["field"] == "category"


async def test_open_alerts_stand_in_the_welcome(server, cast):
    async with tablets(server, cast.ada) as (ada,):
        reply = await ada.command("emergency.alert.raise", {"category": "fire"})
        async with tablets(server, cast.gate, cast.bola) as (gate, bola):
            assert [alert["id"] for alert in gate.welcome["open_alerts"]] == [reply["data"]["id"]]
            assert bola.welcome["open_alerts"] == []


def test_every_command_is_there():
    names = {name.rsplit(".", 1)[1] for name in commands if name.startswith("emergency.alert.")}
    assert names == {
        "raise",
        "acknowledge",
        "respond",
        "on_scene",
        "resolve",
        "close",
        "cancel",
        "request_cancel",
    }
    assert commands["emergency.alert.raise"].exempt
