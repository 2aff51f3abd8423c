"""A device asks to be woken: through REST, for itself alone, and for as long as somebody is signed in on it."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from rest_framework.test import APIClient

from accounts.sessions import end_other_sessions
from core.actors import SYSTEM
from core.background import functions
from core.models import AuditEntry
from estates.permissions import RoleKey
from estates.services.people import add_member
from notifications.models import PushSubscription
from notifications.push.services import MOST_DEVICES
from tests.support.cast import Cast, Person
from tests.support.push import FakeBrowser, FakePushService


def signed_in(person: Person) -> APIClient:
    """A device on which he signed in."""
    client = APIClient(HTTP_USER_AGENT="Firefox on Android")
    client.force_login(person.user)
    return client


def keep(
    client: APIClient, person: Person, browser: FakeBrowser, device: str = "tablet", **changes: Any
) -> Any:
    body = {"device": device, "subscription": browser.subscription | changes}
    return client.put(person.url("push-subscription/"), body, format="json")


def kept(person: Person) -> list[PushSubscription]:
    return list(PushSubscription.objects.of(person.estate).filter(membership_id=person.id))


def test_a_browser_learns_the_key_and_subscribes(cast: Cast, push_service: FakePushService) -> None:
    tablet, browser = signed_in(cast.gate), push_service.browser()

    before = tablet.get(cast.gate.url("push-subscription/")).json()
    answer = keep(tablet, cast.gate, browser)
    after = tablet.get(cast.gate.url("push-subscription/")).json()

    assert before == {"public_key": push_service.public_key, "devices": []}
    assert answer.status_code == 200
    assert answer.json() | {"created_at": ""} == {
        "device": "tablet",
        "user_agent": "Firefox on Android",
        "created_at": "",
        "last_ok_at": None,
    }
    assert after["devices"] == [answer.json()]
    entry = AuditEntry.objects.get(action="notifications.push.turned_on")
    assert (entry.actor_name, entry.changes) == ("Gate Musa", {"device": "tablet"})


def test_without_a_key_nothing_can_be_woken(cast: Cast) -> None:
    answer = signed_in(cast.ada).get(cast.ada.url("push-subscription/"))

    assert answer.json()["public_key"] is None


@pytest.mark.parametrize("who", ["gate", "ada", "kid", "worker", "musa", "accountant"])
def test_everybody_may(cast: Cast, push_service: FakePushService, who: str) -> None:
    person = getattr(cast, who)

    assert keep(signed_in(person), person, push_service.browser()).status_code == 200


def test_the_same_device_again_is_the_same_subscription(cast: Cast, push_service: FakePushService) -> None:
    tablet = signed_in(cast.gate)
    keep(tablet, cast.gate, push_service.browser())
    (first,) = kept(cast.gate)

    newer = push_service.browser()
    keep(tablet, cast.gate, newer)

    (second,) = kept(cast.gate)
    assert (second.pk, second.endpoint) == (first.pk, newer.endpoint)
    assert AuditEntry.objects.filter(action="notifications.push.turned_on").count() == 1


def test_a_browser_that_calls_itself_otherwise_is_still_one(
    cast: Cast, push_service: FakePushService
) -> None:
    tablet, browser = signed_in(cast.gate), push_service.browser()
    keep(tablet, cast.gate, browser, "tablet")
    keep(tablet, cast.gate, browser, "tablet after its storage was cleared")

    assert [row.device for row in kept(cast.gate)] == ["tablet after its storage was cleared"]


def test_a_shared_tablet_wakes_whoever_signed_in_last(cast: Cast, push_service: FakePushService) -> None:
    browser = push_service.browser()
    keep(signed_in(cast.gate), cast.gate, browser)

    assert keep(signed_in(cast.sule), cast.sule, browser).status_code == 200

    assert not kept(cast.gate)
    assert len(kept(cast.sule)) == 1


def test_nobody_takes_a_browser_away_by_its_address_alone(cast: Cast, push_service: FakePushService) -> None:
    browser, own = push_service.browser(), push_service.browser()
    keep(signed_in(cast.gate), cast.gate, browser)

    answer = keep(signed_in(cast.bola), cast.bola, browser, keys=own.subscription["keys"])

    assert (answer.status_code, answer.json()["code"]) == (409, "push_endpoint_taken")
    assert len(kept(cast.gate)) == 1
    assert not kept(cast.bola)


def test_one_browser_serves_two_estates_of_one_person(cast: Cast, push_service: FakePushService) -> None:
    there = add_member(actor=SYSTEM, estate=cast.other_estate, user=cast.gate.user, roles=[RoleKey.GUARD])
    elsewhere = Person(user=cast.gate.user, membership=there, estate=cast.other_estate)
    tablet, browser = signed_in(cast.gate), push_service.browser()

    assert keep(tablet, cast.gate, browser).status_code == 200
    assert keep(tablet, elsewhere, browser).status_code == 200

    assert (len(kept(cast.gate)), len(kept(elsewhere))) == (1, 1)


def test_it_is_turned_off(cast: Cast, push_service: FakePushService) -> None:
    tablet = signed_in(cast.gate)
    keep(tablet, cast.gate, push_service.browser())

    answer = tablet.delete(cast.gate.url("push-subscription/?device=tablet"))
    again = tablet.delete(cast.gate.url("push-subscription/?device=tablet"))

    assert answer.status_code == 204
    assert not kept(cast.gate)
    assert (again.status_code, again.json()["code"]) == (404, "push_subscription_not_found")
    assert AuditEntry.objects.filter(action="notifications.push.turned_off").count() == 1


def test_nobody_turns_off_or_sees_anothers(cast: Cast, push_service: FakePushService) -> None:
    keep(signed_in(cast.gate), cast.gate, push_service.browser())
    sule = signed_in(cast.sule)

    assert sule.delete(cast.sule.url("push-subscription/?device=tablet")).status_code == 404
    assert sule.get(cast.sule.url("push-subscription/")).json()["devices"] == []
    assert len(kept(cast.gate)) == 1


def test_stranger_finds_nothing(cast: Cast, push_service: FakePushService) -> None:
    stranger = signed_in(cast.stranger)
    keep(signed_in(cast.gate), cast.gate, push_service.browser())

    answers = [
        stranger.get(cast.gate.url("push-subscription/")),
        stranger.put(
            cast.gate.url("push-subscription/"),
            {"device": "tablet", "subscription": push_service.browser().subscription},
            format="json",
        ),
        stranger.delete(cast.gate.url("push-subscription/?device=tablet")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len(kept(cast.gate)) == 1


def test_it_takes_a_sign_in(cast: Cast, push_service: FakePushService) -> None:
    """A key, or anything else that nobody can sign out of, cannot be woken."""
    answer = keep(cast.gate.api, cast.gate, push_service.browser())

    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_missing")


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com.evil.example/fcm/send/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/x",
        "https://fcm.googleapis.com:8443/x",
        "https://push.apple.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://redis:6379/",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "https://fcm.googleapis.com/a b",
        "https://[fcm.googleapis.com/x",
        "",
    ],
)
def test_only_known_push_services_are_taken(cast: Cast, push_service: FakePushService, endpoint: str) -> None:
    answer = keep(signed_in(cast.bola), cast.bola, push_service.browser(), endpoint=endpoint)

    assert answer.status_code == 400
    assert answer.json()["code"] == "push_endpoint_not_allowed"
    assert answer.json()["errors"][0]["field"] == "subscription.endpoint"
    assert not kept(cast.bola)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/x",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://web.push.apple.com/x",
        "https://wns2-db5p.notify.windows.com/w/?token=x",
    ],
)
def test_the_known_ones_are(cast: Cast, push_service: FakePushService, endpoint: str) -> None:
    answer = keep(signed_in(cast.bola), cast.bola, push_service.browser(), endpoint=endpoint)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({"p256dh": "AAAA", "auth": "AAAAAAAAAAAAAAAAAAAAAA"}, "subscription.keys"),
        ({"p256dh": "B" + "A" * 86, "auth": "AAAAAAAAAAAAAAAAAAAAAA"}, "subscription.keys"),
        ({"p256dh": "not base64 at all!", "auth": "AAAAAAAAAAAAAAAAAAAAAA"}, "subscription.keys"),
        ({"p256dh": "B" + "A" * 86}, "subscription.keys.auth"),
    ],
)
def test_keys_that_cannot_encrypt_are_refused(
    cast: Cast, push_service: FakePushService, keys: dict[str, str], field: str
) -> None:
    answer = keep(signed_in(cast.bola), cast.bola, push_service.browser(), keys=keys)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not kept(cast.bola)


@pytest.mark.parametrize("device", ["", "x" * 65, "tab\u0000let"])
def test_a_device_needs_a_name(cast: Cast, push_service: FakePushService, device: str) -> None:
    answer = keep(signed_in(cast.bola), cast.bola, push_service.browser(), device)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "device")


def test_there_is_a_limit_and_signed_out_devices_do_not_count(
    cast: Cast, push_service: FakePushService
) -> None:
    tablet = signed_in(cast.gate)
    for number in range(MOST_DEVICES):
        assert keep(tablet, cast.gate, push_service.browser(), f"tablet {number}").status_code == 200
    phone = signed_in(cast.gate)

    refused = keep(phone, cast.gate, push_service.browser(), "phone")
    end_other_sessions(cast.gate.user, kept=phone.session.session_key, action="accounts.session.ended")
    taken = keep(phone, cast.gate, push_service.browser(), "phone")

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_push_devices")
    assert taken.status_code == 200
    assert [row.device for row in kept(cast.gate)] == ["phone"]


def test_signing_out_ends_it(cast: Cast, push_service: FakePushService) -> None:
    tablet, phone = signed_in(cast.gate), signed_in(cast.gate)
    keep(tablet, cast.gate, push_service.browser(), "tablet")
    keep(phone, cast.gate, push_service.browser(), "phone")

    tablet.post("/sign-out/")

    devices = phone.get(cast.gate.url("push-subscription/")).json()["devices"]
    assert [device["device"] for device in devices] == ["phone"]
    functions["notifications.forget_signed_out"]()
    assert [row.device for row in kept(cast.gate)] == ["phone"]


def test_a_sign_in_that_is_revoked_or_expires_ends_it(cast: Cast, push_service: FakePushService) -> None:
    phone = signed_in(cast.gate)
    keep(phone, cast.gate, push_service.browser())
    Session.objects.all().delete()

    functions["notifications.forget_signed_out"]()

    assert not kept(cast.gate)
