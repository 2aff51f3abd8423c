"""kill -9, at the worst moments. What was answered is there afterwards, and nobody is texted twice for one step."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.faults.conftest import Seeded
from tests.faults.scenes import assert_nothing_missing, raise_alert, settle, until
from tests.support.client import Client
from tests.support.seeding import Citizen, Town
from tests.support.systems import Embedded
from tests.support.twilio import AcceptThenHang, FakeTwilio, Hang

pytestmark = [pytest.mark.fault, pytest.mark.timeout(150)]

#: Seconds after which a call whose worker died is looked into, and some for the tick and the answer.
LEASE_S = 12 + 8


def texts_by_delivery(twilio: FakeTwilio) -> Counter[str]:
    """How many messages Twilio made for each delivery; its id stands in the address for reports."""
    return Counter(message.status_callback.rstrip("/").rsplit("/", 1)[-1] for message in twilio.messages)


def intended_texts(system: Embedded) -> list[str]:
    rows = system.rows("SELECT id FROM notifications_delivery WHERE channel = 'sms' AND state != 'expired'")
    return [str(uuid.UUID(delivery_id)) for (delivery_id,) in rows]


def steps_taken(system: Embedded) -> set[tuple[str, int]]:
    """Alerts, and which of their steps were taken."""
    rows = system.rows("SELECT alert_id, \"order\" FROM emergency_alertstep WHERE state = 'done'")
    return {(str(uuid.UUID(alert_id)), order) for alert_id, order in rows}


async def expect_each_text_once(
    system: Embedded, twilio: FakeTwilio, alerts: list[str], *, timeout_s: float
) -> None:
    """Every step of the quick ladder is taken for these alerts, and every text of it was made exactly once."""
    wanted = {(alert_id, step) for alert_id in alerts for step in range(4)}
    await until(lambda: wanted <= steps_taken(system), "every step", timeout_s=timeout_s)
    await until(
        lambda: set(intended_texts(system)) <= set(texts_by_delivery(twilio)),
        "every text",
        timeout_s=timeout_s,
    )
    # Whatever waits for a look at its end has had it: nothing more would come.
    await until(
        lambda: not system.rows("SELECT 1 FROM notifications_delivery WHERE work IN ('send', 'reconcile')"),
        "every end known",
        timeout_s=timeout_s,
    )
    assert texts_by_delivery(twilio) == Counter(intended_texts(system))


async def test_killed_while_the_provider_is_called(embedded: Callable[..., Embedded], seeded: Seeded) -> None:
    town = seeded.towns().take_quick()
    with FakeTwilio() as twilio:
        # One text is not made when the process dies, the other one is; neither was answered.
        twilio.script(town.gate.phone, Hang())
        twilio.script(town.sule.phone, AcceptThenHang())
        system = embedded(**twilio.environment())
        # No guard is present: the first texts are due at once.
        alert = await raise_alert(await system.door.sign_in(town.ada), town.ada)
        await until(lambda: calls_for(twilio, town.gate, town.sule) == 2, "both calls")
        system.kill()
        assert twilio.phone(town.gate.phone).texts == []
        assert len(twilio.phone(town.sule.phone).texts) == 1
        system.start()

        await expect_each_text_once(system, twilio, [alert["id"]], timeout_s=LEASE_S)


def calls_for(twilio: FakeTwilio, *people: Citizen) -> int:
    numbers = [person.phone for person in people]
    return sum(call.method == "POST" and call.fields.get("To") in numbers for call in list(twilio.calls))


class Presses:
    """People who press SOS again and again, each time under a new id, and keep what they were answered."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.bodies: dict[str, dict[str, Any]] = {}
        self.by: dict[str, tuple[httpx.AsyncClient, Citizen]] = {}
        self.is_over = False

    async def press(self, api: httpx.AsyncClient, person: Citizen) -> None:
        while not self.is_over:
            press_id = str(uuid.uuid4())
            self.bodies[press_id] = {"id": press_id, "category": "medical", "note": press_id}
            self.by[press_id] = api, person
            try:
                answer = await self.once_more(press_id)
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                self.answers[press_id] = answer.content

    async def once_more(self, press_id: str) -> httpx.Response:
        """The same press, first or again."""
        api, person = self.by[press_id]
        return await api.post(person.url("alerts/"), json=self.bodies[press_id])

    def alerts(self) -> list[str]:
        """Those presses that began an alert; the others joined it."""
        return [
            press_id for press_id, answer in self.answers.items() if f'"id":"{press_id}"'.encode() in answer
        ]


async def test_killed_under_a_load_of_sos(embedded: Callable[..., Embedded], seeded: Seeded) -> None:
    town = seeded.towns().take_quick()
    with FakeTwilio() as twilio:
        system = embedded(**twilio.environment())
        guards = [
            await Client.start(system.door, person=person, name=person.key, is_receipting=False)
            for person in (town.gate, town.chief)
        ]
        presses = Presses()
        apis = [(await system.door.sign_in(person), person) for person in town.people]
        load = [asyncio.create_task(presses.press(api, person)) for api, person in apis]
        await until(
            lambda: len(presses.answers) >= 60 and len(presses.alerts()) == len(town.people),
            "load",
            timeout_s=40,
        )
        system.kill()
        presses.is_over = True
        await asyncio.gather(*load)
        answered = dict(presses.answers)
        system.start()

        for press_id, before in answered.items():
            assert (await presses.once_more(press_id)).content == before
        topics = topics_of(town)
        await settle(system, guards, *topics)
        assert_nothing_missing(system, guards)
        assert system.broken_records() == []
        await expect_each_text_once(system, twilio, presses.alerts(), timeout_s=LEASE_S)
        for guard in guards:
            await guard.stop()


def topics_of(town: Town) -> frozenset[str]:
    return frozenset().union(*(person.topics for person in town.people))
