"""Somebody is writing: told at once to those who will read it, in no log, and never in the way."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from core.shapes import read
from emergency.services import raise_alert
from emergency.shapes import RaiseAlert
from realtime import typing_desk
from realtime.ephemeral import offered
from realtime.frames import Subject
from realtime.models import Event
from realtime.typing_desk import WAITING, TypingDesk
from tests.support.cast import Cast, Person


@sync_to_async
def pressed(person: Person) -> str:
    data = read({"category": "fire", "id": str(uuid4())}, RaiseAlert)
    return str(raise_alert(actor=person.member, estate=person.estate, data=data).id)


def typing(alert_id: str) -> dict:
    return {"type": "typing", "subject": {"kind": "alert", "id": alert_id}}


# --- over a real socket -----------------------------------------------------------------------------------------------


@pytest.mark.socket
async def test_the_other_side_sees_it_while_it_lasts(server, cast: Cast):
    alert_id = await pressed(cast.ada)
    ada, gate = [await server.tablet(one) for one in (cast.ada, cast.gate)]

    await gate.send(typing(alert_id))
    told = await ada.frame("member_typing")
    assert told == {
        "type": "member_typing",
        "topic": f"member.{cast.ada.id}",
        "subject": {"kind": "alert", "id": alert_id},
        "member_id": str(cast.gate.id),
        "name": cast.gate.name,
        "lasts_s": typing_desk.LASTS_S,
    }
    await ada.send(typing(alert_id))
    other_way = await gate.read(
        lambda frame: frame["type"] == "member_typing" and frame["member_id"] == str(cast.ada.id)
    )
    assert other_way["topic"] == f"estate.{cast.estate.pk}.emergency"
    for tablet in (ada, gate):
        await tablet.close()
    assert not await sync_to_async(Event.objects.filter(type__contains="typing").exists)()


@pytest.mark.socket
async def test_neighbours_and_the_estate_next_door_see_nothing_and_are_not_seen(server, cast: Cast):
    alert_id = await pressed(cast.ada)
    gate, bola, stranger = [await server.tablet(one) for one in (cast.gate, cast.bola, cast.stranger)]
    for intruder in (bola, stranger):
        await intruder.send(typing(alert_id))
    assert await gate.silent(0.4, type="member_typing")
    await gate.send(typing(alert_id))
    await gate.frame("member_typing")
    for intruder in (bola, stranger):
        assert await intruder.silent(0.1, type="member_typing")
    for tablet in (gate, bola, stranger):
        await tablet.close()


@pytest.mark.socket
async def test_however_often_it_is_said_it_is_told_now_and_then(server, cast: Cast):
    alert_id = await pressed(cast.ada)
    ada, gate = [await server.tablet(one) for one in (cast.ada, cast.gate)]
    for _ in range(20):
        await gate.send(typing(alert_id))
    await ada.frame("member_typing")
    assert await ada.silent(0.5, type="member_typing")
    for tablet in (ada, gate):
        await tablet.close()


@pytest.mark.socket
@pytest.mark.parametrize("subject", [{"kind": "", "id": str(uuid4())}, {"kind": "alert", "id": "no"}, {}, 5])
async def test_nonsense_is_not_the_protocol(server, cast: Cast, subject):
    gate = await server.tablet(cast.gate)
    await gate.send({"type": "typing", "subject": subject})
    assert (await gate.frame("error"))["code"] == "bad_frame"
    assert await gate.close_code() == 4504


@pytest.mark.socket
async def test_what_nobody_knows_is_passed_over(server, cast: Cast):
    gate = await server.tablet(cast.gate)
    for subject in ({"kind": "poem", "id": str(uuid4())}, {"kind": "alert", "id": str(uuid4())}):
        await gate.send({"type": "typing", "subject": subject})
    await gate.send({"type": "ping", "ref": "still here"})
    assert (await gate.frame("pong"))["ref"] == "still here"
    await gate.close()


# --- the desk itself --------------------------------------------------------------------------------------------------


async def test_a_flood_is_dropped_and_the_desk_stays_small(cast: Cast, monkeypatch):
    monkeypatch.setitem(typing_desk.audiences, "poem", lambda member, subject_id: [])
    desk = TypingDesk()
    member = await sync_to_async(lambda: cast.gate.member)()
    for _ in range(WAITING * 3):
        desk.note(member, Subject(kind="poem", id=uuid4()))
    assert desk._asked.qsize() == WAITING
    assert len(desk._told) <= WAITING


async def test_a_check_that_fails_does_not_end_the_desk(cast: Cast, monkeypatch):
    calls: list[object] = []

    def audience(member, subject_id):
        calls.append(subject_id)
        if len(calls) == 1:
            raise RuntimeError("the database is away")
        return []

    monkeypatch.setitem(typing_desk.audiences, "poem", audience)
    desk = TypingDesk()
    running = asyncio.create_task(desk.run())
    member = await sync_to_async(lambda: cast.gate.member)()
    for _ in range(2):
        desk.note(member, Subject(kind="poem", id=uuid4()))
    async with asyncio.timeout(5):
        while len(calls) < 2:
            await asyncio.sleep(0.01)
    running.cancel()


async def test_who_has_anything_waiting_is_passed_over():
    class Busy:
        def offer(self, frames):
            return False

    class Free:
        def offer(self, frames):
            return True

    busy, free = Busy(), Free()
    given: Any = [busy, free]
    assert await offered(b"x", given) == set(given[1:])
