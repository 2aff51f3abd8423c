import asyncio
import json
from datetime import timedelta

import pytest
import time_machine

from core.clock import now
from tests.support.wire import Tablet, Wire

pytestmark = pytest.mark.socket

CONNECT = {"type": "connect", "ref": "c", "device": "d"}


async def test_a_guard_is_welcomed_with_his_topics(server, cast):
    tablet = await server.tablet(cast.gate)

    assert set(tablet.welcome["topics"]) == {
        f"estate.{cast.estate.pk}.all",
        f"estate.{cast.estate.pk}.guards",
        f"estate.{cast.estate.pk}.emergency",
        f"member.{cast.gate.id}",
    }
    assert tablet.welcome["ref"] == "c"
    assert tablet.welcome["open_alerts"] == []
    assert not any(state["recovered"] for state in tablet.welcome["topics"].values())
    await tablet.close()


async def test_a_resident_hears_the_estate_and_himself(server, cast):
    tablet = await server.tablet(cast.ada)

    assert set(tablet.welcome["topics"]) == {f"estate.{cast.estate.pk}.all", f"member.{cast.ada.id}"}
    await tablet.close()


async def test_a_stranger_gets_no_token_for_another_estate(server, cast):
    api = await server.sign_in(cast.stranger)
    answer = await api.post(cast.ada.url("realtime/tokens/"))

    assert answer.status_code == 404
    assert answer.json()["code"] == "estate_not_found"


async def test_a_strangers_positions_in_foreign_topics_bring_nothing(server, cast):
    foreign = f"estate.{cast.estate.pk}.emergency"
    tablet = await server.tablet(cast.stranger, positions={foreign: {"offset": 0, "epoch": "x"}})

    assert foreign not in tablet.welcome["topics"]
    api = await server.sign_in(cast.ada)
    await api.post(cast.ada.url("alerts/"), json={"category": "fire"})
    assert await tablet.silent(1.5)
    await tablet.close()


async def test_a_wrong_token_is_refused(server, cast):
    wire = await Wire.open(server.ws)
    await wire.send({**CONNECT, "token": "made-up"})

    assert (await wire.frame("error"))["code"] == "token_not_valid"
    assert await wire.close_code() == 4501


@pytest.mark.in_process
async def test_an_expired_token_is_refused(server, cast):
    token = await server.token(cast.gate)
    wire = await Wire.open(server.ws)
    with time_machine.travel(now() + timedelta(seconds=61)):
        await wire.send({**CONNECT, "token": token})
        assert "expired" in (await wire.frame("error"))["message"]
    assert await wire.close_code() == 4501


async def test_a_resume_token_brings_the_client_back_without_rest(server, cast):
    first = await server.tablet(cast.gate)
    await first.close()

    again = await Tablet.connect(
        server.ws, resume_token=first.welcome["resume_token"], positions=first.positions
    )

    assert all(state["recovered"] for state in again.welcome["topics"].values())
    await again.close()


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        '{"type": "event"}',
        '{"type": "connect"}',
        json.dumps({**CONNECT, "token": "x", "device": "d" * 65}),
        json.dumps({**CONNECT, "token": 7}),
        json.dumps({**CONNECT, "topics": {"a": {"offset": -1, "epoch": ""}}}),
        b"\x00\x01",
        json.dumps({**CONNECT, "token": "x" * 66_000}),
    ],
    ids=[
        "no json",
        "no object",
        "server's frame",
        "no ref",
        "long device",
        "wrong type",
        "negative",
        "binary",
        "65 KiB",
    ],
)
async def test_a_bad_first_frame_closes_with_4504(server, cast, frame):
    wire = await Wire.open(server.ws)
    await wire.send(frame)

    assert await wire.close_code() == 4504


@pytest.mark.parametrize(
    "frame", ["not json", b"\x00", "x" * 66_000, '{"type": "connect", "ref": "r", "device": "d"}']
)
async def test_a_bad_frame_later_closes_with_4504_and_harms_nobody_else(server, cast, frame):
    careful, careless = await server.tablet(cast.gate), await server.tablet(cast.sule)

    await careless.send(frame)

    assert await careless.close_code() == 4504
    await careful.send({"type": "ping", "ref": "p"})
    assert (await careful.frame("pong"))["ref"] == "p"
    await careful.close()


async def test_another_sites_page_cannot_open_a_socket(server, cast):
    with pytest.raises(Exception, match="403"):
        await Wire.open(server.ws, origin="https://evil.example")


async def test_the_servers_own_page_can(server, cast):
    wire = await Wire.open(server.ws, origin=server.http)
    await wire.close()


async def test_another_path_is_refused(server, cast):
    with pytest.raises(Exception, match="403"):
        await Wire.open(server.ws.replace("/v1/", "/v2/"))


async def test_a_thousand_frames_in_a_second_are_held_back_and_an_sos_among_them_is_not(server, cast):
    tablet = await server.tablet(cast.ada)
    for number in range(450):
        await tablet.send({"type": "command", "ref": f"r{number}", "name": "no.such.command", "data": {}})
    await tablet.send(
        {
            "type": "command",
            "ref": "sos",
            "name": "emergency.alert.raise",
            "data": {"category": "fire"},
            "key": "k",
        }
    )
    reply = await tablet.read(lambda frame: frame.get("ref") == "sos")

    assert reply["type"] == "reply", reply
    limited = [frame for frame in tablet.everything if frame.get("code") == "rate_limited"]
    assert limited
    for number in range(1000):
        await tablet.send({"type": "ping", "ref": f"p{number}"})
    assert await tablet.close_code() == 4010


async def test_an_unknown_command_is_an_error_not_a_close(server, cast):
    tablet = await server.tablet(cast.ada)

    error = await tablet.command("emergency.alert.explode", {})

    assert (error["type"], error["code"]) == ("error", "unknown_command")
    error = await tablet.command("emergency.alert.raise", {"category": "boredom"})
    assert error["code"] == "malformed"
    assert error["errors"][0]["field"] == "category"
    await tablet.close()


async def test_a_silent_client_is_closed_with_4009(server, cast):
    tablet = await server.tablet(cast.gate, is_pinging=False)

    await asyncio.sleep(0)
    assert await tablet.close_code(timeout=10) == 4009


async def test_heartbeats_carry_the_heads(server, cast):
    tablet = await server.tablet(cast.gate)

    heartbeat = await tablet.frame("heartbeat")

    assert set(heartbeat["heads"]) == set(tablet.welcome["topics"])
    await tablet.close()


@pytest.mark.parametrize("device", ["a\x00b", "\x00", "a\nb", "x" * 65, ""])
async def test_a_device_that_no_database_could_keep_is_refused_and_harms_nobody(server, cast, device):
    wire = await Wire.open(server.ws)
    await wire.send({"type": "connect", "ref": "1", "token": await server.token(cast.gate), "device": device})
    assert (await wire.frame("error"))["code"] == "bad_frame"
    assert await wire.close_code() == 4504
    tablet = await server.tablet(cast.sule, device="north")
    assert (await tablet.frame("presence_state"))["present"].keys() == {str(cast.sule.id)}
    await tablet.close()
