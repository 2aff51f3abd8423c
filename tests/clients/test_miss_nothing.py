"""How the library proves that it missed nothing, and what it does where it cannot."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import pytest

from clustr_client import Event, PersonHere, State, feed
from clustr_client.positions import RecentIds
from clustr_client.socket import Socket, dial
from tests.clients.fake import TOPIC, FakeServer, fed_by

#: A server that is played: no database is in it.
pytestmark = pytest.mark.once

#: Longer than receipts are collected.
A_MOMENT_S = 0.1


async def test_events_are_handed_on_in_order_and_once(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        for offset in (6, 6, 7, 5, 8):
            await peer.event(offset)

        await heard.until(lambda: heard.offsets[-1:] == [8])

    assert heard.offsets == [6, 7, 8]


async def test_a_fact_in_two_topics_is_told_once_and_both_are_receipted(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        await peer.event(1, id=77)
        await peer.event(1, id=77, topic="member.1")
        await heard.until(lambda: heard.offsets == [1])

        while (await peer.read("received"))["topics"].get("member.1") != 1:
            pass

    assert heard.offsets == [1]


async def test_who_is_writing_is_told_and_said(fake: FakeServer) -> None:
    told: list[str] = []
    alert_id = UUID("415f14f5-14dd-4a2d-b8a1-730e46843c62")
    subject = {"kind": "alert", "id": str(alert_id)}
    async with fed_by(fake, on_typing=lambda frame: told.append(frame.name)) as heard:
        assert not heard.feed.typing("alert", alert_id)
        peer = await fake.peer()
        await peer.welcome()
        await heard.until(lambda: heard.feed.state is State.LIVE)
        await peer.say(
            type="member_typing", topic="t", subject=subject, member_id=str(alert_id), name="Gate", lasts_s=5
        )
        await heard.until(lambda: told == ["Gate"])
        assert heard.feed.typing("alert", alert_id)
        assert (await peer.read("typing"))["subject"] == subject


async def test_who_is_here_is_the_whole_then_what_changed_and_unknown_after_a_break(fake: FakeServer) -> None:
    told: list[dict[str, list[str]] | None] = []

    def on_presence(people: Mapping[str, PersonHere] | None) -> None:
        known = people is not None
        devices = {key: [meta.device for meta in one.metas] for key, one in (people or {}).items()}
        told.append(devices if known else None)

    def person(*devices: str) -> dict[str, object]:
        metas = [{"device": one, "since": "2026-11-22T00:00:00Z", "post": None} for one in devices]
        return {"name": "Gate", "metas": metas}

    async with fed_by(fake, on_presence=on_presence) as heard:
        peer = await fake.peer()
        await peer.welcome()
        await peer.say(type="presence_diff", joins={"x": person("early")}, leaves={}, unlisted=0)
        await peer.say(type="presence_state", present={"a": person("1", "2")}, unlisted=0)
        joins = {"a": person("2"), "b": person("3")}
        await peer.say(type="presence_diff", joins=joins, leaves={"a": person("1", "2")}, unlisted=0)
        await peer.say(type="presence_diff", joins={}, leaves={"a": person("2")}, unlisted=0)
        await heard.until(lambda: len(told) == 3)
        assert list(heard.feed.presence or {}) == ["b"]
        await peer.close(4000)
        await heard.until(lambda: len(told) == 4)

    assert told == [{"a": ["1", "2"]}, {"a": ["2"], "b": ["3"]}, {"b": ["3"]}, None]


def test_the_memory_for_ids_is_bounded():
    from uuid import UUID

    a, b, c = (UUID(int=number) for number in range(3))
    ids = RecentIds(2)

    assert [ids.add(one) for one in (a, a, b, c, a)] == [True, False, True, True, True]


async def test_a_jump_makes_it_resume_from_the_last_position_that_was_whole(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await peer.event(6)
        await peer.event(9)

        again = await fake.peer()
        connect = await again.welcome(head=9, recovered=True)
        for offset in (7, 8, 9):
            await again.event(offset)
        await heard.until(lambda: heard.offsets[-1:] == [9])

    assert connect["topics"] == {TOPIC: {"offset": 6, "epoch": "e"}}
    assert heard.offsets == [6, 7, 8, 9]
    assert heard.lost == [None]


async def test_a_head_that_stays_ahead_makes_it_resume(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await peer.say(type="heartbeat", heads={TOPIC: 6})

        again = await fake.peer()
        connect = await again.welcome(head=6, recovered=True)
        await again.event(6)
        await heard.until(lambda: heard.offsets == [6])

    assert connect["topics"][TOPIC]["offset"] == 5


async def test_an_event_that_is_on_its_way_is_no_loss(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await peer.say(type="heartbeat", heads={TOPIC: 6})
        await peer.event(6)

        assert await fake.no_peer()
        assert heard.lost == []


async def test_a_history_that_cannot_be_replayed_asks_for_a_snapshot(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await heard.until(lambda: heard.snapshots == [{TOPIC: 5}])
        await peer.close(4000)
        again = await fake.peer()
        await again.welcome(head=70, epoch="other")
        await heard.until(lambda: len(heard.snapshots) == 2)
        await again.event(71)
        await heard.until(lambda: heard.offsets == [71])

    assert heard.snapshots[1] == {TOPIC: 70}


async def test_a_topic_that_is_joined_on_the_way_begins_with_a_snapshot(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await peer.say(
            type="subscriptions",
            joined={"estate.1.guards": {"head": 40, "epoch": "g", "recovered": False}},
            left=[TOPIC],
            resume_token="another",
        )
        await peer.event(41, topic="estate.1.guards")
        await heard.until(lambda: heard.offsets == [41])
        await peer.close(4000)
        connect = await (await fake.peer()).welcome()

    assert heard.snapshots[:2] == [{TOPIC: 5}, {"estate.1.guards": 40}]
    assert connect["topics"] == {"estate.1.guards": {"offset": 41, "epoch": "g"}}
    assert connect["resume_token"] == "another"


async def test_frames_that_it_does_not_know_are_passed_over(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await peer.say(type="weather", sky="blue")
        await peer.event(6)

        await heard.until(lambda: heard.offsets == [6])


async def test_a_listener_that_fails_does_not_stop_the_feed(fake: FakeServer) -> None:
    heard_of = []

    async def listener(event) -> None:
        heard_of.append(event.offset)
        raise ValueError("a mistake of the program's")

    async with fed_by(fake, on_event=listener) as heard:
        peer = await fake.peer()
        await peer.welcome()
        await peer.event(1)
        await peer.event(2)
        await heard.until(lambda: heard_of == [1, 2])


async def test_no_listener_can_stop_the_feed(fake: FakeServer) -> None:
    def failing(*given: object) -> None:
        raise ValueError("a mistake of the program's")

    listeners = dict.fromkeys(("on_welcome", "on_placed", "on_lost", "observe", "on_snapshot"), failing)
    async with fed_by(fake, **listeners) as heard:
        peer = await fake.peer()
        await peer.welcome()
        await peer.event(1)
        await peer.close(4000)
        peer = await fake.peer()
        await peer.welcome(head=1, recovered=True)
        await peer.event(2)
        await heard.until(lambda: heard.offsets == [1, 2])


async def test_a_mistake_below_is_tried_again(fake: FakeServer) -> None:
    tries = []

    async def dial_badly(url: str) -> Socket:
        tries.append(url)
        if len(tries) == 1:
            raise ZeroDivisionError
        return await dial(url)

    async with fed_by(fake, dial=dial_badly) as heard:
        await (await fake.peer()).welcome(head=5)
        await heard.until(lambda: heard.snapshots == [{TOPIC: 5}])


async def test_a_slow_listener_loses_nothing_though_the_line_breaks_meanwhile(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_WAITING", 2)
    may_go_on = asyncio.Event()
    told: list[int] = []

    async def listener(event: Event) -> None:
        await may_go_on.wait()
        told.append(event.offset)

    async with fed_by(fake, on_event=listener) as heard:
        peer = await fake.peer()
        await peer.welcome()
        for offset in range(1, 11):
            await peer.event(offset)
        await asyncio.sleep(0.1)
        heard.feed.connection.resume()
        peer = await fake.peer()
        connect = await peer.welcome(head=10, recovered=True)
        stood_at = connect["topics"][TOPIC]["offset"]
        for offset in range(stood_at + 1, 11):
            await peer.event(offset)
        may_go_on.set()
        await heard.until(lambda: told[-1:] == [10])

    assert stood_at < 10, "it read no further than it could keep"
    assert told == list(range(1, 11))


# --- receipts ---------------------------------------------------------------------------------------------------------


async def test_receipts_of_a_moment_become_one(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await heard.until(lambda: heard.snapshots)
        await asyncio.sleep(A_MOMENT_S)
        for offset in range(6, 106):
            await peer.event(offset)
        while (await peer.read("received"))["topics"][TOPIC] != 105:
            pass

    receipts = [frame["topics"][TOPIC] for frame in peer.frames if frame["type"] == "received"]
    assert len(receipts) < 10
    assert receipts == sorted(receipts)


async def test_receipts_are_said_again_on_the_next_socket(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=5)
        await peer.event(6)
        while (await peer.read("received"))["topics"][TOPIC] != 6:
            pass
        heard.feed.seen(TOPIC, 6)
        assert (await peer.read("seen"))["topics"] == {TOPIC: 6}
        await peer.close(4000)

        again = await fake.peer()
        await again.welcome(head=6, recovered=True)
        assert (await again.read("received"))["topics"] == {TOPIC: 6}
        assert (await again.read("seen"))["topics"] == {TOPIC: 6}


async def test_receipts_of_another_epoch_are_not_repeated(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome(head=50)
        await peer.read("received")
        await peer.close(4000)

        again = await fake.peer()
        await again.welcome(head=3, epoch="other")
        await heard.until(lambda: len(heard.snapshots) == 2)
        assert (await again.read("received"))["topics"] == {TOPIC: 3}


async def test_a_silent_device_sends_none(fake: FakeServer) -> None:
    async with fed_by(fake, is_receipting=False) as heard:
        peer = await fake.peer()
        await peer.welcome(heartbeat_s=0.4)
        await peer.event(1)
        await heard.until(lambda: heard.offsets == [1])
        await peer.read("ping")

    assert [frame["type"] for frame in peer.frames] == ["connect", "ping"]
