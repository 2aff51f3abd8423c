"""The ladder by the real clock, on whole systems, down to the provider: who is texted, when, and who is not."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults.conftest import Seeded, Towns
from tests.faults.scenes import expect_texts, raise_alert
from tests.support.client import Client
from tests.support.seeding import Town
from tests.support.systems import Embedded, Production, System
from tests.support.twilio import FakeTwilio

pytestmark = [pytest.mark.fault, pytest.mark.timeout(120)]

#: Ofcom keeps it free for drama, like those of the cast.
AUNT = "+447700900999"


async def nobody_acknowledges(system: System, town: Town, twilio: FakeTwilio) -> None:
    """The default ladder: Gate's tablet is on but says nothing, Sule's says that it has the alert."""
    gate = await Client.start(system.door, person=town.gate, is_receipting=False)
    sule = await Client.start(system.door, person=town.sule)
    ada = await system.door.sign_in(town.ada)
    await ada.post(town.ada.url("contacts/"), json={"name": "Aunt", "phone": AUNT})
    alert = await raise_alert(ada, town.ada)

    expected = {"gate": [5, 10], "sule": [10], "chief": [10], AUNT: [10]}
    await expect_texts(twilio, town, alert, expected, others=[AUNT])
    rows = (await gate.get(f"alerts/{alert['id']}/deliveries/"))["results"]
    assert {row["recipient_name"] for row in rows if row["channel"] == "sms"} == {
        "Gate Musa",
        "Sule Bello",
        "Chief Eze",
        "Aunt",
    }
    assert {
        row["state"] for row in rows if row["recipient_name"] == "Sule Bello" and row["step"] == "0.0"
    } == {"received"}
    for client in (gate, sule):
        await client.stop()


async def nobody_is_there(system: System, town: Town, twilio: FakeTwilio) -> None:
    """No guard present: the first texts are due at once."""
    alert = await raise_alert(await system.door.sign_in(town.ada), town.ada)
    await expect_texts(twilio, town, alert, {"gate": [0, 2], "sule": [0, 2], "chief": [2], "musa": [4]})


async def everybody_received_it(system: System, town: Town, twilio: FakeTwilio) -> None:
    """Receipts spare the first texts, but only a human's word stops the ladder."""
    guards = [await Client.start(system.door, person=person) for person in (town.gate, town.sule)]
    alert = await raise_alert(await system.door.sign_in(town.ada), town.ada)
    await expect_texts(twilio, town, alert, {"gate": [2], "sule": [2], "chief": [2], "musa": [4]})
    for guard in guards:
        await guard.stop()


async def somebody_acknowledges(system: System, town: Town, twilio: FakeTwilio) -> None:
    """In time: nobody is texted."""
    gate = await Client.start(system.door, person=town.gate, is_receipting=False)
    alert = await raise_alert(await system.door.sign_in(town.ada), town.ada)
    await gate.post(f"alerts/{alert['id']}/acknowledge/")
    await gate.expect("emergency.alert.acknowledged", id=alert["id"])
    await asyncio.sleep(6)
    assert twilio_has_nothing(twilio, town)
    await gate.stop()


def twilio_has_nothing(twilio: FakeTwilio, town: Town) -> bool:
    return all(twilio.phone(person.phone).texts == [] for person in town.people)


async def play(system: System, towns: Towns, twilio: FakeTwilio) -> None:
    """All at once, in towns of their own: they must not disturb each other either."""
    await asyncio.gather(
        nobody_acknowledges(system, towns.take(), twilio),
        nobody_is_there(system, towns.take_quick(), twilio),
        everybody_received_it(system, towns.take_quick(), twilio),
        somebody_acknowledges(system, towns.take_quick(), twilio),
    )


async def test_the_ladder_in_production_form(
    production: Production, towns: Towns, twilio: FakeTwilio
) -> None:
    await play(production, towns, twilio)


async def test_the_ladder_embedded(embedded: Callable[..., Embedded], seeded: Seeded) -> None:
    with FakeTwilio() as twilio:
        await play(embedded(**twilio.environment()), seeded.towns(), twilio)
