"""Presence over the socket: who guards the estate and is here, told to those who may see it, and to nobody else."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from realtime import presence_poll
from realtime.fan_out import Readiness
from realtime.framing import payloads
from realtime.models import DeviceLease, Event, ReceiptPosition
from realtime.presence import end_leases, renew_leases
from realtime.presence_poll import PresencePoll
from realtime.roster import MOST_DEVICES, read_rosters
from realtime.session import MAX_BUFFERED, Session
from realtime.topics import Topic, guards
from tests.support.cast import Cast, Person


@sync_to_async
def come(*devices: tuple[Person, str]) -> None:
    """As another process writes it."""
    renew_leases([(person.estate.pk, person.id, device) for person, device in devices])


@sync_to_async
def go(person: Person, device: str) -> None:
    end_leases({(person.estate.pk, person.id, device): now()})


def devices_of(people: dict[str, Any]) -> dict[str, list[str]]:
    return {person["name"]: [meta["device"] for meta in person["metas"]] for person in people.values()}


# --- over a real socket -----------------------------------------------------------------------------------------------


@pytest.mark.socket
async def test_a_guard_hears_who_is_here_and_who_comes_and_goes_in_any_process(server, cast):
    tablet = await server.tablet(cast.gate, device="north")

    state = await tablet.frame("presence_state")
    assert devices_of(state["present"]) == {cast.gate.name: ["north"]}
    assert state["present"][str(cast.gate.id)]["metas"][0].keys() == {"device", "since", "post"}
    await come((cast.sule, "south"))
    joined = await tablet.frame("presence_diff")
    assert (devices_of(joined["joins"]), joined["leaves"]) == ({cast.sule.name: ["south"]}, {})
    await go(cast.sule, "south")
    left = await tablet.frame("presence_diff")
    assert (left["joins"], devices_of(left["leaves"])) == ({}, {cast.sule.name: ["south"]})
    await tablet.close()


@pytest.mark.socket
async def test_residents_and_the_estate_next_door_hear_nothing_of_it(server, cast):
    gate, ada, stranger = [
        await server.tablet(one, device="d") for one in (cast.gate, cast.ada, cast.stranger)
    ]

    assert devices_of((await gate.frame("presence_state"))["present"]) == {cast.gate.name: ["d"]}
    assert devices_of((await stranger.frame("presence_state"))["present"]) == {cast.stranger.name: ["d"]}
    await come((cast.sule, "south"))
    await gate.frame("presence_diff")
    assert await stranger.silent(0.3, type="presence_diff")
    await ada.send({"type": "ping", "ref": "p"})
    await ada.frame("pong")
    assert not [frame for frame in ada.everything if frame["type"].startswith("presence")]
    for tablet in (gate, ada, stranger):
        await tablet.close()


@pytest.mark.socket
async def test_it_stands_in_no_log_and_moves_no_position(server, cast):
    tablet = await server.tablet(cast.gate)
    await tablet.frame("presence_state")

    assert not await sync_to_async(Event.objects.exists)()
    assert not await sync_to_async(ReceiptPosition.objects.across_estates().exists)()
    assert {one["offset"] for one in tablet.positions.values()} == {0}
    await tablet.close()


# --- the poll ---------------------------------------------------------------------------------------------------------


class Line:
    """A connection that takes what is written, unless it is busy."""

    def __init__(self) -> None:
        self.ready = True
        self.frames: list[dict[str, Any]] = []

    def write(self, frames: bytes) -> None:
        self.frames += [msgspec.json.decode(payload) for payload in payloads(frames)]

    @property
    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]


@dataclass
class House:
    """What the poll needs of a hub."""

    by_estate: dict[UUID, set[Session]] = field(default_factory=dict)

    def hearing(self, topic: Topic) -> set[Session]:
        sessions = self.by_estate.get(topic.estate_id, set())
        return {one for one in sessions if topic.name in one.topics and one.is_live}

    async def admit(
        self, person: Person, topics: Iterable[Topic], device: str = "tablet"
    ) -> tuple[Session, Line]:
        line = Line()
        session = Session(
            member=await sync_to_async(lambda: person.member)(),
            device=device,
            topics=list(topics),
            connection=line,  # type: ignore[arg-type]
            closing=asyncio.get_running_loop().create_future(),
            heard_at=0,
            readiness=Readiness(),
        )
        session.is_live = True
        self.by_estate.setdefault(person.estate.pk, set()).add(session)
        return session, line


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def poll(house: House) -> PresencePoll:
    return PresencePoll(house)  # type: ignore[arg-type]


async def test_who_could_not_take_a_frame_gets_the_whole_next_time(
    cast: Cast, house: House, poll: PresencePoll
):
    topic = guards(cast.estate.pk)
    (stuck, slow), (_, quick) = [await house.admit(person, [topic]) for person in (cast.gate, cast.sule)]
    await come((cast.gate, "north"))
    await poll.look()

    slow.ready = False
    stuck.push(b"x" * MAX_BUFFERED)
    await come((cast.sule, "south"))
    await poll.look()
    await poll.look()
    assert (slow.types, quick.types) == (["presence_state"], ["presence_state", "presence_diff"])
    assert (stuck.closed_with, stuck._buffered) == (None, MAX_BUFFERED)

    stuck._urgent, stuck._ordinary, stuck._buffered = None, None, 0
    slow.ready = True
    await poll.look()
    assert slow.types == ["presence_state", "presence_state"]
    assert devices_of(slow.frames[-1]["present"]) == {cast.gate.name: ["north"], cast.sule.name: ["south"]}
    await poll.look()
    assert len(slow.frames) == len(quick.frames) == 2


async def test_many_that_come_at_once_are_one_frame_for_each_and_one_question(
    cast: Cast, house: House, poll: PresencePoll, monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []

    def read(estate_ids):
        asked.append(len(estate_ids))
        return read_rosters(estate_ids)

    monkeypatch.setattr(presence_poll, "read_rosters", read)
    lines = [
        (await house.admit(person, [guards(person.estate.pk)], f"d{number}"))[1]
        for person in (cast.gate, cast.stranger)
        for number in range(30)
    ]
    await come(*((cast.gate, f"d{number}") for number in range(30)))

    await poll.look()

    assert asked == [2]
    assert all(line.types == ["presence_state"] for line in lines)


async def test_nobody_is_asked_for_where_nobody_may_hear_it(
    cast: Cast, house: House, poll: PresencePoll, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(presence_poll, "read_rosters", None)
    _, line = await house.admit(cast.ada, [])

    await poll.look()

    assert line.frames == []


def test_all_estates_are_one_query_and_none_sees_another(cast: Cast) -> None:
    renew_leases([(one.estate.pk, one.id, "d") for one in (cast.gate, cast.ada, cast.stranger)])

    # Django asks the database once in a process's life what JSON it knows.
    read_rosters([cast.estate.pk])
    with CaptureQueriesContext(connection) as queries:
        rosters = read_rosters([cast.estate.pk, cast.other_estate.pk])

    assert len(queries) == 1
    # Ada is a resident: whatever she calls her device, she guards nothing.
    assert [one.member_id for one in rosters[cast.estate.pk].devices] == [cast.gate.id]
    assert [one.member_id for one in rosters[cast.other_estate.pk].devices] == [cast.stranger.id]


def test_a_crowd_is_cut_short_and_says_so(cast: Cast) -> None:
    renew_leases([(cast.estate.pk, cast.gate.id, "first")])
    renew_leases([(cast.estate.pk, cast.gate.id, f"d{number}") for number in range(MOST_DEVICES + 2)])

    roster = read_rosters([cast.estate.pk])[cast.estate.pk]

    assert (len(roster.devices), roster.unlisted) == (MOST_DEVICES, 3)
    assert "first" in {one.device for one in roster.devices}


def test_a_device_is_here_since_it_came_however_often_it_was_renewed(cast: Cast) -> None:
    device = (cast.estate.pk, cast.gate.id, "d")
    leases = DeviceLease.objects.of(cast.estate)
    renew_leases([device])
    came = leases.get().since

    renew_leases([device])
    assert leases.get().since == came
    leases.update(expires_at=now() - timedelta(seconds=1))
    renew_leases([device])
    assert leases.get().since > came
