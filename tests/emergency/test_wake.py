"""Push messages of the ladder: they wake the guards' sleeping devices, and go quiet when somebody has it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from core.clock import now
from emergency.models import Alert, TimelineEntry
from emergency.services import waking
from notifications.models import Delivery
from staff.services import start_duty
from tests.support.cast import Person
from tests.support.push import Accept, FakeBrowser, Hang


@pytest.fixture
def wake_me(push_service):
    """Subscribe a browser of somebody's through REST, signed in on it."""

    def subscribe(person: Person, device: str = "phone") -> FakeBrowser:
        client = APIClient()
        client.force_login(person.user)
        browser = push_service.browser()
        body = {"device": device, "subscription": browser.subscription}
        answer = client.put(person.url("push-subscription/"), body, format="json")
        assert answer.status_code == 200, answer.content
        return browser

    return subscribe


def pushes(alert_id: Any, **fields: Any) -> list[Delivery]:
    return list(
        Delivery.objects.across_estates().filter(subject_id=alert_id, channel="push", **fields).order_by("pk")
    )


def confirm(browser: FakeBrowser, client: Any, kind: str = "received") -> None:
    """The service worker posts its receipt."""
    body = {"receipt": browser.notices[-1]["receipt"], "kind": kind}
    answer = client.post("/webhooks/push/", body, content_type="application/json")
    assert answer.status_code == 204


def test_the_first_step_wakes_the_guards_on_duty(cast, scene, wake_me):
    gate, sule, ada = wake_me(cast.gate), wake_me(cast.sule), wake_me(cast.ada)
    start_duty(actor=cast.gate.member, estate=cast.estate)

    view = scene.press(category="intrusion", note="Back door")

    notice = gate.expect_notice("SOS INTRUSION")
    assert notice["text"] == "B-14, B. Ada Obi, 13:00."
    assert (notice["tag"], notice["is_loud"]) == (str(view.id), True)
    assert notice["page"] == f"/estates/{cast.estate.pk}/board/"
    assert notice["link"].startswith("/a/")
    assert notice["at"] == int(now().timestamp() * 1000)
    (row,) = pushes(view.id)
    assert (row.step, row.recipient_name, row.state) == ("0.0", "Gate Musa", "sent")
    sule.expect_silence()
    ada.expect_silence()


def test_all_of_a_guards_devices_are_woken_and_counted(cast, scene, wake_me, client):
    phone, tablet = wake_me(cast.gate, "phone"), wake_me(cast.gate, "tablet")
    view = scene.press()
    confirm(phone, client)
    scene.forward(1)

    proof = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).json()["proof"]

    assert (proof["pushes_intended"], proof["pushes_received"]) == (2, 1)
    tablet.expect_notice("SOS MEDICAL")
    assert "emergency.alert.progressed" in scene.lane()


def test_the_record_shows_each_push(cast, scene, wake_me, client):
    browser = wake_me(cast.gate)
    view = scene.press()
    confirm(browser, client, "seen")

    answer = cast.musa.api.get(cast.musa.url(f"alerts/{view.id}/deliveries/?channel=push")).json()

    (row,) = answer["results"]
    assert (row["recipient_name"], row["state"], row["address"]) == ("Gate Musa", "seen", "127.0.0.1")
    assert row["seen_at"] is not None
    assert browser.endpoint not in str(answer), "who knows the address can send to the browser"


def test_a_device_that_said_it_woke_saves_the_first_text(cast, scene, wake_me, client):
    scene.online(cast.gate, cast.sule)
    browser = wake_me(cast.gate)
    view = scene.press()
    confirm(browser, client)

    scene.forward(6)

    assert scene.texts(view.id, "1.0") == ["Sule"]


def test_a_push_that_nobody_confirmed_saves_nothing(cast, scene, wake_me):
    scene.online(cast.gate, cast.sule)
    wake_me(cast.gate)
    view = scene.press()

    scene.forward(6)

    assert scene.texts(view.id, "1.0") == ["Gate", "Sule"]


def test_a_device_never_acknowledges(cast, scene, wake_me, client):
    browser = wake_me(cast.gate)
    view = scene.press()
    confirm(browser, client)
    confirm(browser, client, "seen")

    scene.forward(11)

    assert scene.alert(view.id).state == "active"
    assert scene.texts(view.id, "2.0"), "the ladder goes on"


def test_drills_and_silent_alerts_say_so(cast, scene, wake_me):
    gate = wake_me(cast.gate)
    scene.press(category="fire", drill=True)
    assert gate.expect_notice("DRILL. SOS FIRE")

    scene.press(cast.bola, category="robbery", silent=True)
    assert gate.expect_notice("SOS ROBBERY")["text"].endswith("Do not call.")


def test_the_person_in_need_is_not_woken(cast, scene, wake_me):
    """A guard who calls for help himself may be hiding."""
    own, other = wake_me(cast.gate), wake_me(cast.sule)

    scene.press(cast.gate, category="robbery", silent=True)

    own.expect_silence()
    other.expect_notice("SOS ROBBERY")


def test_somebody_has_it_and_the_call_goes_quiet(cast, scene, wake_me):
    gate, sule = wake_me(cast.gate), wake_me(cast.sule)
    view = scene.press()

    scene.acknowledge(cast.gate, view.id)

    for browser in (gate, sule):
        notice = browser.expect_notice("Gate Musa has it")
        assert (notice["tag"], notice["is_loud"], notice["link"]) == (str(view.id), False, None)
        assert browser.came[-1].headers["urgency"] == "normal"
        assert browser.came[-1].headers["topic"] == browser.came[0].headers["topic"]
    assert {row.step for row in pushes(view.id, is_emergency=False)} == {"answered"}
    assert {row.state for row in pushes(view.id, member_id=cast.gate.id, is_emergency=True)} == {
        "acknowledged"
    }
    scene.forward(1)
    proof = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).json()["proof"]
    assert proof["pushes_intended"] == 2, "good news is no call"


def test_a_device_that_was_off_hears_only_that_it_is_over(cast, scene, wake_me):
    sule = wake_me(cast.sule)
    sule.is_off = True
    view = scene.press()
    scene.acknowledge(cast.gate, view.id)

    sule.turn_on()

    assert [notice["title"] for notice in sule.notices] == ["Gate Musa has it"]


def test_the_second_to_answer_wakes_nobody(cast, scene, wake_me):
    sule = wake_me(cast.sule)
    view = scene.press()
    scene.acknowledge(cast.gate, view.id)
    scene.acknowledge(cast.sule, view.id)

    assert len(sule.notices) == 2


def test_the_person_in_need_hears_that_somebody_has_it(cast, scene, wake_me):
    ada, bola = wake_me(cast.ada), wake_me(cast.bola)
    view = scene.press()

    scene.acknowledge(cast.gate, view.id)

    assert ada.expect_notice("Gate Musa has it")["page"] == f"/estates/{cast.estate.pk}/home/"
    bola.expect_silence()


@pytest.mark.parametrize("how", [{"silent": True}, {"category": "domestic_violence"}])
def test_but_not_where_that_could_betray_him(cast, scene, wake_me, how):
    ada = wake_me(cast.ada)
    view = scene.press(**how)

    scene.acknowledge(cast.gate, view.id)

    ada.expect_silence()


def test_a_tap_leads_to_the_page_where_a_signed_out_guard_answers(cast, scene, wake_me, client):
    browser = wake_me(cast.gate)
    view = scene.press()
    link = browser.notices[0]["link"]

    shown = client.get(link)
    client.post(link)

    assert "I HAVE IT" in shown.content.decode()
    row = scene.alert(view.id)
    assert (row.state, row.acknowledged_by_id) == ("acknowledged", cast.gate.id)


def test_the_link_of_one_push_is_nobody_elses(cast, scene, wake_me, client):
    wake_me(cast.ada)
    view = scene.press()
    scene.acknowledge(cast.gate, view.id)
    (row,) = pushes(view.id, member_id=cast.ada.id)
    from emergency.links import path_of

    assert client.get(path_of(row.pk)).status_code == 404, "he is no responder"


def test_a_push_service_that_hangs_costs_the_ladder_nothing(cast, scene, wake_me):
    scene.online(cast.gate, cast.sule)
    browser = wake_me(cast.gate)
    browser.script(Hang(), Accept())
    view = scene.press()

    scene.forward(11)

    assert scene.texts(view.id, "2.0")


def test_push_that_breaks_costs_the_step_nothing(cast, scene, wake_me, monkeypatch):
    scene.online(cast.gate)
    wake_me(cast.gate)

    def broken(*args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(waking, "wakeable", broken)
    view = scene.press()
    scene.acknowledge(cast.gate, view.id)

    assert Delivery.objects.across_estates().filter(subject_id=view.id, channel="websocket").exists()
    assert scene.alert(view.id).state == "acknowledged"
    assert not pushes(view.id)


def test_an_estate_that_nobody_subscribed_in_writes_nothing(cast, scene, push_service):
    view = scene.press()

    assert not pushes(view.id)


def test_a_countdown_that_is_cancelled_wakes_nobody(cast, scene, wake_me):
    gate = wake_me(cast.gate)
    view = scene.press(countdown_s=5)
    gate.expect_silence()
    scene.forward(5)

    gate.expect_notice("SOS MEDICAL")
    assert Alert.objects.of(cast.estate).get(pk=view.id).state == "active"
    assert TimelineEntry.objects.of(cast.estate).filter(kind="step").exists()


def test_another_estates_guards_are_not_woken(cast, scene, wake_me):
    stranger = wake_me(cast.stranger)
    scene.press()

    stranger.expect_silence()
