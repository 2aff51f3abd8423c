"""A command arrives once, whatever happens on the way."""

import asyncio
import time

import httpx
import pytest

from clustr_client import Refused, Stopped
from clustr_client.twins import PATHS, twin_of
from realtime.commands import commands
from tests.clients.fake import FakeServer, fed_by

#: A server that is played: no database is in it.
pytestmark = pytest.mark.once

RAISE = "emergency.alert.raise"
ALERT = {"id": "415f14f5-14dd-4a2d-b8a1-730e46843c62", "category": "fire"}


async def test_it_goes_over_the_socket_and_answers_with_the_reply(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        sending = asyncio.create_task(heard.feed.command(RAISE, ALERT, key="k"))
        command = await peer.read("command")
        await peer.say(type="reply", ref=command["ref"], data={"number": 14})

        assert await sending == {"number": 14}
        assert heard.feed.waiting == []

    assert (command["name"], command["data"], command["key"]) == (RAISE, ALERT, "k")
    assert fake.posted("alerts/") == []


async def test_a_reply_that_died_with_the_socket_is_asked_for_again_with_the_same_key(
    fake: FakeServer,
) -> None:
    fake.answers["alerts/"] = [httpx.ConnectError("down")]
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        sending = asyncio.create_task(heard.feed.command(RAISE, ALERT))
        first = await peer.read("command")
        await peer.close(4000)
        peer = await fake.peer()
        await peer.welcome(recovered=True)
        second = await peer.read("command")
        await peer.say(type="reply", ref=second["ref"], data={"by": "socket"})

        assert await sending == {"by": "socket"}

    assert first["key"] == second["key"]
    assert first["ref"] != second["ref"]
    assert {call[3] for call in fake.posted("alerts/")} <= {first["key"]}


async def test_without_a_socket_it_goes_by_rest_with_the_same_key(fake: FakeServer) -> None:
    fake.answers["realtime/tokens/"] = [httpx.ConnectError("down")]
    fake.answers["alerts/"] = [httpx.Response(503, json={}), httpx.Response(201, json={"number": 14})]
    async with fed_by(fake) as heard:
        assert await heard.feed.command(RAISE, ALERT, key="k") == {"number": 14}

    assert fake.posted("alerts/") == [("POST", "/api/v1/estates/1/alerts/", ALERT, "k")] * 2


async def test_a_socket_that_does_not_reply_in_time_is_helped_by_rest(fake: FakeServer) -> None:
    fake.answers["acknowledge/"] = [httpx.Response(200, json={"by": "rest"})]
    async with fed_by(fake) as heard:
        await (await fake.peer()).welcome()

        answer = await heard.feed.command("emergency.alert.acknowledge", {"id": ALERT["id"]}, key="k")

    assert answer == {"by": "rest"}
    assert fake.posted("acknowledge/") == [
        ("POST", f"/api/v1/estates/1/alerts/{ALERT['id']}/acknowledge/", {}, "k")
    ]


async def test_a_refusal_is_final(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        sending = asyncio.create_task(heard.feed.command(RAISE, ALERT))
        command = await peer.read("command")
        await peer.say(type="error", ref=command["ref"], code="alert_over", message="Over.", temporary=False)

        with pytest.raises(Refused, match="Over") as refused:
            await sending
    assert refused.value.code == "alert_over"
    assert fake.posted("alerts/") == []


async def test_a_temporary_error_is_no_refusal(fake: FakeServer) -> None:
    fake.answers["alerts/"] = [httpx.Response(201, json={"by": "rest"})]
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        sending = asyncio.create_task(heard.feed.command(RAISE, ALERT))
        command = await peer.read("command")
        await peer.say(type="error", ref=command["ref"], code="rate_limited", message="Wait.", temporary=True)

        assert await sending == {"by": "rest"}


async def test_rest_says_no_as_well_as_the_socket(fake: FakeServer) -> None:
    fake.answers["realtime/tokens/"] = [httpx.ConnectError("down")]
    fake.answers["alerts/"] = [httpx.Response(409, json={"code": "alert_id_taken", "detail": "Taken."})]
    async with fed_by(fake) as heard:
        with pytest.raises(Refused) as refused:
            await heard.feed.command(RAISE, ALERT)

    assert (refused.value.status, refused.value.code) == (409, "alert_id_taken")


async def test_an_expired_access_token_is_renewed(fake: FakeServer) -> None:
    fake.answers["realtime/tokens/"] = [httpx.ConnectError("down")]
    fake.answers["alerts/"] = [httpx.Response(401, json={}), httpx.Response(201, json={"number": 14})]
    async with fed_by(fake) as heard:
        assert await heard.feed.command(RAISE, ALERT) == {"number": 14}


async def test_a_server_that_asks_for_patience_gets_it(fake: FakeServer) -> None:
    fake.answers["realtime/tokens/"] = [httpx.ConnectError("down")]
    fake.answers["alerts/"] = [
        httpx.Response(429, headers={"Retry-After": "1"}, json={}),
        httpx.Response(201, json={"number": 14}),
    ]
    began = time.monotonic()
    async with fed_by(fake) as heard:
        assert await heard.feed.command(RAISE, ALERT) == {"number": 14}

    assert time.monotonic() - began >= 1


async def test_an_sos_without_an_id_gets_one_and_keeps_it(fake: FakeServer) -> None:
    fake.answers["realtime/tokens/"] = [httpx.ConnectError("down")]
    fake.answers["alerts/"] = [httpx.Response(503, json={}), httpx.Response(201, json={})]
    async with fed_by(fake) as heard:
        await heard.feed.command(RAISE, {"category": "fire"})

    first, second = (call[2]["id"] for call in fake.posted("alerts/"))
    assert first == second


async def test_commands_about_one_subject_keep_their_order_and_others_do_not_wait(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        sending = [
            asyncio.create_task(heard.feed.command("x", {"id": subject}, key=key))
            for subject, key in (("a", "a1"), ("a", "a2"), ("b", "b1"))
        ]
        first, other = await peer.read("command"), await peer.read("command")
        assert (first["key"], other["key"]) == ("a1", "b1")
        await peer.say(type="reply", ref=first["ref"], data=1)
        third = await peer.read("command")
        assert third["key"] == "a2"
        for frame in (other, third):
            await peer.say(type="reply", ref=frame["ref"], data=1)
        assert await asyncio.gather(*sending) == [1, 1, 1]


async def test_one_key_is_one_command_however_often_it_is_sent(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        twice = [asyncio.create_task(heard.feed.command(RAISE, ALERT, key="k")) for _ in range(2)]
        command = await peer.read("command")
        await peer.say(type="reply", ref=command["ref"], data=1)
        assert await asyncio.gather(*twice) == [1, 1]

    assert [frame["type"] for frame in peer.frames].count("command") == 1


async def test_whoever_waits_when_the_feed_is_stopped_is_told(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        await (await fake.peer()).welcome()
        sending = asyncio.create_task(heard.feed.command("x", {}))
        await heard.until(lambda: heard.feed.waiting)
        await heard.feed.stop()
        with pytest.raises(Stopped):
            await sending


def test_every_command_of_the_server_has_its_twin():
    from django.urls import resolve

    assert set(PATHS) == {name for name in commands if not name.startswith("planted.")}
    for name in PATHS:
        twin = twin_of(name, {"id": ALERT["id"], "x": 1})
        assert twin is not None
        resolve(f"/api/v1/estates/{ALERT['id']}/{twin.path}")
    assert twin_of("planted.publish", {}) is None


async def test_what_is_said_never_stands_in_front_of_what_is_done(fake: FakeServer) -> None:
    """A message that gets no answer holds up the message after it, and no acknowledgement."""
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        for text in ("one", "two"):
            data = {"id": ALERT["id"], "text": text}
            asyncio.create_task(heard.feed.command("emergency.message.post", data))  # noqa: RUF006
        taking = asyncio.create_task(
            heard.feed.command("emergency.alert.acknowledge", {"id": ALERT["id"]}, key="take")
        )
        said = await peer.read("command")
        assert (said["name"], said["data"]["text"]) == ("emergency.message.post", "one")
        assert said["data"]["message_id"]
        taken = await peer.read("command")
        assert taken["key"] == "take"
        await peer.say(type="reply", ref=taken["ref"], data={})
        assert await taking == {}
        await peer.say(type="reply", ref=said["ref"], data={})
        assert (await peer.read("command"))["data"]["text"] == "two"
