"""One's own devices: which were connected, when, and signing one out that is lost."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from core.models import AuditEntry
from realtime.devices.noting import Seen, note_devices
from realtime.models import Device, DeviceLease, ReceiptPosition
from realtime.presence import renew_leases
from tests.support.cast import Cast, Person

ME = "/api/v1/me/devices/"


def note(person: Person, *names: str, session_key: str = "") -> None:
    key = (person.estate.pk, person.id)
    note_devices({(*key, name): Seen(session_key, now()) for name in names})


def mine(person: Person) -> list[dict]:
    return person.api.get(ME).json()["results"]


@pytest.mark.socket
@pytest.mark.in_process
async def test_a_lost_tablet_is_listed_signed_out_and_forgotten(server, cast) -> None:
    lost_api = await server.sign_in(cast.gate)
    token = await server.token(cast.gate, client=lost_api)
    lost = await server.tablet(cast.gate, token=token, device="lost-tablet")
    await server.tablet(cast.sule, device="somebody-elses")
    api = await server.sign_in(cast.gate)
    # Noted with the next heartbeat, or when its socket closes.
    row = None
    for _ in range(100):
        rows = (await api.get(ME)).json()["results"]
        if rows:
            (row,) = rows
            break
        await asyncio.sleep(0.1)
    assert row is not None
    assert (row["device"], row["estate"], row["is_here"], row["is_signed_in"]) == (
        "lost-tablet",
        "Palm Court",
        True,
        True,
    )

    assert (await api.delete(f"{ME}{row['id']}/")).status_code == 204

    assert await lost.close_code(timeout=6) == 4503
    assert (await lost_api.get("/api/v1/me/")).status_code == 401
    await asyncio.sleep(1.5)
    assert (await api.get(ME)).json()["results"] == [], "the end of its socket does not list it anew"
    actions = await sync_to_async(lambda: set(AuditEntry.objects.values_list("action", flat=True)))()
    assert {"accounts.device.forgotten", "accounts.session.ended"} <= actions
    await lost_api.aclose()
    await api.aclose()


def test_nobody_forgets_the_device_that_he_is_using(cast: Cast, client) -> None:
    client.post("/sign-in/", {"login": cast.ada.email, "password": cast.ada.password})
    note(cast.ada, "this-browser", session_key=client.session.session_key)
    (row,) = client.get(ME).json()["results"]

    answer = client.delete(f"{ME}{row['id']}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "device_in_use")
    assert client.get(ME).json()["results"] == [row]


def test_a_device_that_is_signed_out_already_is_forgotten_with_its_receipts(cast: Cast) -> None:
    note(cast.ada, "old", "new")
    renew_leases([(cast.estate.pk, cast.ada.id, "old")])
    ReceiptPosition.objects.create(
        estate=cast.estate, membership=cast.ada.membership, device="old", topic="t", kind="seen", offset=1
    )
    old = Device.objects.of(cast.estate).get(name="old")

    assert cast.ada.api.delete(f"{ME}{old.pk}/").status_code == 204

    assert [row["device"] for row in mine(cast.ada)] == ["new"]
    assert not DeviceLease.objects.of(cast.estate).exists()
    assert not ReceiptPosition.objects.of(cast.estate).exists()
    assert cast.ada.api.delete(f"{ME}{old.pk}/").json()["code"] == "device_not_found"


def test_nobody_sees_or_ends_anothers_device(cast: Cast) -> None:
    note(cast.ada, "adas")
    device = Device.objects.of(cast.estate).get()
    for other in (cast.bola, cast.musa, cast.stranger):
        assert mine(other) == []
        assert other.api.delete(f"{ME}{device.pk}/").status_code == 404
    assert [row["device"] for row in mine(cast.ada)] == ["adas"]


def test_a_device_is_one_row_and_the_list_is_read_in_few_queries(cast: Cast) -> None:
    note(cast.ada, "a")
    first = Device.objects.of(cast.estate).get()
    Device.objects.of(cast.estate).update(last_seen_at=now() - timedelta(days=3))
    note(cast.ada, "a", *(f"d{n}" for n in range(60)), session_key="another")
    again = Device.objects.of(cast.estate).get(name="a")
    assert (again.pk, again.first_seen_at, again.session_key) == (first.pk, first.first_seen_at, "another")

    with CaptureQueriesContext(connection) as queries:
        page = cast.ada.api.get(ME).json()

    assert (len(page["results"]), len(queries)) == (50, 3)
    assert len(cast.ada.api.get(page["next"]).json()["results"]) == 11
    found = cast.ada.api.get(f"{ME}?q=D59").json()["results"]
    assert [row["device"] for row in found] == ["d59"]
    assert cast.ada.api.get(f"{ME}?ordering=device").json()["results"][0]["device"] == "a"
