"""What the product is for, from the press to the report, through its doors: REST as an app, sockets as tablets."""

import asyncio
import uuid

import pytest

from tests.support.cast import Cast
from tests.support.doors import Doors

pytestmark = pytest.mark.socket


async def test_an_sos_from_the_press_to_the_report(server: Doors, cast: Cast) -> None:
    ada = await server.sign_in(cast.ada, by="phone")
    phone = await server.tablet(cast.ada)
    gate, sule = await server.tablet(cast.gate), await server.tablet(cast.sule)

    answer = await ada.post(
        cast.ada.url("alerts/"),
        json={"category": "intrusion", "note": "Somebody is at the back door."},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert answer.status_code == 201
    alert = answer.json()
    assert (alert["state"], alert["unit"]["name"]) == ("active", "B-14")
    for tablet in (gate, sule, phone):
        raised = await tablet.expect("emergency.alert.raised")
        assert raised["data"]["alert"] == alert
        assert raised["actor"]["name"] == "Ada Obi"

    reply = await gate.command("emergency.alert.acknowledge", {"id": alert["id"]})
    assert reply["data"]["acknowledged_by"]["name"] == "Gate Musa"
    told = (await phone.expect("emergency.alert.acknowledged"))["data"]
    assert (told["by"]["name"], told["alert"]["state"]) == ("Gate Musa", "acknowledged")

    # The second one comes along; the first stays the one who has it.
    reply = await sule.command("emergency.alert.acknowledge", {"id": alert["id"]})
    assert reply["data"]["acknowledged_by"]["name"] == "Gate Musa"
    assert [one["name"] for one in reply["data"]["responders"]] == ["Gate Musa", "Sule Bello"]

    await gate.command("emergency.alert.respond", {"id": alert["id"], "eta_s": 120})
    assert (await phone.expect("emergency.alert.responding"))["data"]["alert"]["responders"][0][
        "eta_s"
    ] == 120
    await gate.command("emergency.alert.on_scene", {"id": alert["id"]})
    assert (await phone.expect("emergency.alert.on_scene"))["data"]["alert"]["state"] == "on_scene"
    await gate.command(
        "emergency.alert.resolve", {"id": alert["id"], "outcome": "false_alarm", "report": "It was the wind."}
    )
    assert (await phone.expect("emergency.alert.resolved"))["data"]["alert"]["outcome"] == "false_alarm"
    closed = await ada.post(cast.ada.url(f"alerts/{alert['id']}/close/"))
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert (await gate.expect("emergency.alert.closed"))["data"]["alert"] == closed.json()

    chief = await server.sign_in(cast.chief)
    kept = (await chief.get(cast.chief.url(f"alerts/{alert['id']}/timeline/"))).json()["results"]
    happened = [entry["kind"] for entry in kept]
    assert [kind for kind in happened if kind != "step"] == [
        "raised",
        "acknowledged",
        "acknowledged",
        "responding",
        "on_scene",
        "resolved",
        "closed",
    ]
    for tablet in (gate, sule, phone):
        await tablet.close()


async def test_everybody_else_hears_nothing_of_it(server: Doors, cast: Cast) -> None:
    neighbour, stranger = await server.tablet(cast.bola), await server.tablet(cast.stranger)
    gate = await server.tablet(cast.gate)
    ada = await server.sign_in(cast.ada)

    await ada.post(cast.ada.url("alerts/"), json={"category": "domestic_violence"})
    await gate.expect("emergency.alert.raised")

    assert await neighbour.silent(1.2)
    assert await stranger.silent(0.1)
    for tablet in (neighbour, stranger, gate):
        await tablet.close()


async def test_twenty_presses_with_one_key_are_one_alert_and_one_answer(server: Doors, cast: Cast) -> None:
    bola = await server.sign_in(cast.bola, by="email")
    gate = await server.tablet(cast.gate)

    answers = await asyncio.gather(
        *(
            bola.post(
                cast.bola.url("alerts/"), json={"category": "medical"}, headers={"Idempotency-Key": "pressed"}
            )
            for _ in range(20)
        )
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len((await bola.get(cast.bola.url("alerts/"))).json()["results"]) == 1
    await gate.expect("emergency.alert.raised")
    assert await gate.silent(1.2)
    await gate.close()


async def test_both_doors_lead_to_the_same_alert(server: Doors, cast: Cast) -> None:
    """Pressed on the socket, which breaks before the answer; tried again by REST."""
    phone = await server.tablet(cast.ada)
    key = str(uuid.uuid4())
    reply = await phone.command("emergency.alert.raise", {"id": key, "category": "fire"}, key=key)
    await phone.close()
    ada = await server.sign_in(cast.ada)

    again = await ada.post(
        cast.ada.url("alerts/"), json={"id": key, "category": "fire"}, headers={"Idempotency-Key": key}
    )

    assert again.json() == reply["data"]


async def test_two_guards_at_once_are_one_acknowledger_and_two_responders(server: Doors, cast: Cast) -> None:
    gate, sule = await server.tablet(cast.gate), await server.tablet(cast.sule)
    ada = await server.sign_in(cast.ada)
    alert = (await ada.post(cast.ada.url("alerts/"), json={"category": "fire"})).json()

    replies = await asyncio.gather(
        *(tablet.command("emergency.alert.acknowledge", {"id": alert["id"]}) for tablet in (gate, sule))
    )

    assert [reply["type"] for reply in replies] == ["reply", "reply"]
    after = (await ada.get(cast.ada.url(f"alerts/{alert['id']}/"))).json()
    assert {one["name"] for one in after["responders"]} == {"Gate Musa", "Sule Bello"}
    assert {reply["data"]["acknowledged_by"]["name"] for reply in replies} == {
        after["acknowledged_by"]["name"]
    }
    for tablet in (gate, sule):
        await tablet.close()


async def test_an_app_stays_signed_in_by_its_refresh_token_until_it_signs_out(
    server: Doors, cast: Cast
) -> None:
    ada = await server.sign_in(cast.ada)
    login = await ada.post(
        "/_allauth/app/v1/auth/login",
        json={"email": cast.ada.email, "password": cast.ada.password},
        headers={"Authorization": ""},
    )
    first = login.json()["meta"]

    fresh = (
        await ada.post("/_allauth/app/v1/tokens/refresh", json={"refresh_token": first["refresh_token"]})
    ).json()
    access = {"Authorization": f"Bearer {fresh['data']['access_token']}"}
    assert (await ada.get("/api/v1/me/", headers=access)).status_code == 200
    used = await ada.post("/_allauth/app/v1/tokens/refresh", json={"refresh_token": first["refresh_token"]})
    assert used.status_code == 400

    assert (await ada.delete("/_allauth/app/v1/auth/session", headers=access)).status_code == 401
    assert (await ada.get("/api/v1/me/", headers=access)).status_code == 401
    assert (await ada.post(cast.ada.url("realtime/tokens/"), headers=access)).status_code == 401
    gone = await ada.post(
        "/_allauth/app/v1/tokens/refresh", json={"refresh_token": fresh["data"]["refresh_token"]}
    )
    assert gone.status_code == 400
