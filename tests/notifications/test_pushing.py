"""From a delivery to a browser: encrypted for it, signed as us, and tried again where that helps."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore

from core.ids import new_id
from core.unit_of_work import unit_of_work
from notifications.models import Delivery, PushSubscription
from notifications.push import webpush
from notifications.push.base import Notice
from notifications.push.content import body_of
from notifications.push.selectors import wakeable
from notifications.services import Recipient, intend, sending, withdraw
from notifications.services.claiming import CALL_LEASE
from notifications.states import State, Work
from tests.notifications.conftest import GATE, Post
from tests.support.background import Background
from tests.support.push import (
    Accept,
    AcceptThenHang,
    Drop,
    Fail,
    FakeBrowser,
    FakePushService,
    Hang,
    Throttle,
)
from tests.support.twilio import FakeTwilio

NOTICE = Notice(
    tag="t", title="SOS FIRE", text="B-14", page="/estates/x/board/", at=1, is_loud=True, link="/a/x/"
)


class Devices:
    """Browsers of the post's people, each signed in and subscribed."""

    def __init__(self, post: Post, service: FakePushService) -> None:
        self.post, self.service = post, service

    def subscribe(self, browser: FakeBrowser | None = None) -> FakeBrowser:
        """One of the gate's, as `keep_subscription` would have written it."""
        browser = browser or self.service.browser()
        session = SessionStore()
        session.create()
        keys = browser.subscription["keys"]
        PushSubscription.objects.create(
            estate=self.post.estate,
            membership=self.post.gate,
            device=f"device {new_id()}",
            endpoint=browser.endpoint,
            session_key=session.session_key or "",
            **keys,
        )
        return browser

    def push(self, *, is_emergency: bool = True, step: str = "0.0", **fields: Any) -> list[Delivery]:
        """A notice to every browser of the gate's, written down (and sent: the worker is at work)."""
        with unit_of_work():
            return intend(
                estate_id=self.post.estate.pk,
                subject="emergency.alert",
                subject_id=self.post.subject_id,
                step=step,
                channel="push",
                recipients=[
                    Recipient(browser.membership_id, "Gate", browser=browser)
                    for browser in wakeable(self.post.estate.pk, [self.post.gate.pk])
                ],
                body=body_of(NOTICE),
                is_emergency=is_emergency,
                kind="" if is_emergency else "emergency.alert.answered",
                **fields,
            )

    def sweep_for(self, seconds: int, delivery: Delivery) -> Delivery:
        for _ in range(seconds):
            sending.sweep_pushes() if delivery.is_emergency else sending.sweep(is_emergency=False)
            self.post.forward(1)
        return self.post.again(delivery)


@pytest.fixture
def devices(post: Post, push_service: FakePushService) -> Devices:
    return Devices(post, push_service)


@pytest.fixture
def held(background: Background) -> Background:
    """Nobody works: deliveries are only written down."""
    background.hold()
    return background


def test_the_browser_and_nobody_else_can_read_it(devices: Devices, post: Post) -> None:
    tablet = devices.subscribe()

    (delivery,) = devices.push()
    row = devices.sweep_for(1, delivery)

    (pushed,) = tablet.came
    assert pushed.notice | {"receipt": ""} == {
        "tag": "t",
        "title": "SOS FIRE",
        "text": "B-14",
        "page": "/estates/x/board/",
        "link": "/a/x/",
        "at": 1,
        "is_loud": True,
        "receipt": "",
    }
    assert pushed.headers["content-encoding"] == "aes128gcm"
    assert (pushed.headers["ttl"], pushed.headers["urgency"]) == ("120", "high")
    assert len(pushed.headers["topic"]) == 22
    assert (row.state, row.provider, row.address, row.work) == (State.SENT, "webpush", "127.0.0.1", Work.NONE)
    assert PushSubscription.objects.of(post.estate).get().last_ok_at is not None
    assert not devices.service.refusals


def test_each_device_has_a_delivery_of_its_own(devices: Devices) -> None:
    phone, tablet = devices.subscribe(), devices.subscribe()

    rows = devices.push()
    for row in rows:
        devices.sweep_for(1, row)

    assert len(rows) == 2
    assert (len(phone.came), len(tablet.came)) == (1, 1)


def test_a_step_that_is_run_twice_wakes_once(devices: Devices, held: Background) -> None:
    devices.subscribe()

    assert len(devices.push()) == 1
    assert not devices.push()


def test_a_device_that_was_off_gets_the_newest_only(devices: Devices) -> None:
    tablet = devices.subscribe()
    tablet.is_off = True
    for step in ("0.0", "1.0"):
        (delivery,) = devices.push(step=step)
        devices.sweep_for(1, delivery)

    tablet.turn_on()

    assert len(tablet.notices) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(devices: Devices, post: Post, status: int) -> None:
    tablet, phone = devices.subscribe(), devices.subscribe()
    tablet.unsubscribe()
    if status == 404:
        del devices.service.browsers[tablet.path]

    rows = {row.recipient_key: row for row in devices.push()}
    for row in rows.values():
        devices.sweep_for(1, row)

    left = PushSubscription.objects.of(post.estate).get()
    assert left.endpoint == phone.endpoint
    failed = [post.again(row) for key, row in rows.items() if key != str(left.pk)]
    assert [(row.state, row.error_code) for row in failed] == [(State.FAILED, "gone")]


@pytest.mark.parametrize(
    "mood", [Fail(500), Fail(503), Throttle(retry_after=1), Throttle(retry_after=None), Drop()]
)
def test_what_may_pass_is_tried_again(devices: Devices, mood: Any) -> None:
    tablet = devices.subscribe()
    tablet.script(mood, mood, Accept())

    (delivery,) = devices.push()
    row = devices.sweep_for(15, delivery)

    assert (row.state, tablet.calls, len(tablet.came)) == (State.SENT, 3, 1)


def test_a_push_service_that_stays_away_is_given_up_with_the_alert(devices: Devices, post: Post) -> None:
    tablet = devices.subscribe()
    tablet.script(*[Fail(503)] * 100)

    (delivery,) = devices.push()
    row = devices.sweep_for(310, delivery)

    assert (row.state, row.error_code) == (State.EXPIRED, "http_503")
    assert 15 <= tablet.calls <= 40, "with backoff"


def test_an_answer_that_never_came_is_sent_again_under_the_same_tag(devices: Devices) -> None:
    tablet = devices.subscribe()
    tablet.script(AcceptThenHang(), Accept())

    (delivery,) = devices.push()
    row = devices.sweep_for(5, delivery)

    assert row.state == State.SENT
    first, second = tablet.notices
    assert first == second, "one on the screen"


def test_good_news_is_not_sent_twice(devices: Devices) -> None:
    tablet = devices.subscribe()
    tablet.script(Hang())

    (delivery,) = devices.push(is_emergency=False)
    row = devices.sweep_for(60, delivery)

    assert (row.state, row.error_code, tablet.calls) == (State.FAILED, "ambiguous", 1)


@pytest.mark.parametrize(("status", "code"), [(400, "http_400"), (403, "http_403"), (413, "http_413")])
def test_what_will_not_pass_is_not_tried_again(devices: Devices, status: int, code: str) -> None:
    tablet = devices.subscribe()
    tablet.script(status)

    (delivery,) = devices.push()
    row = devices.sweep_for(20, delivery)

    assert (row.state, row.error_code, tablet.calls) == (State.FAILED, code, 1)


def test_a_push_service_sends_us_nowhere_else(devices: Devices) -> None:
    tablet = devices.subscribe()
    tablet.script(307)

    (delivery,) = devices.push()
    row = devices.sweep_for(1, delivery)

    assert (row.state, row.error_code) == (State.FAILED, "redirected")


def test_another_installations_key_is_refused(devices: Devices) -> None:
    tablet = devices.subscribe()
    devices.service.public_key = webpush_key()

    (delivery,) = devices.push()
    row = devices.sweep_for(1, delivery)

    assert (row.state, row.error_code) == (State.FAILED, "http_403")
    tablet.expect_silence()


def webpush_key() -> str:
    from notifications.push.keys import make_private_key, public_key_of

    return public_key_of(make_private_key())


def test_nothing_goes_to_a_private_address_whatever_the_name_says(
    devices: Devices, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is allowed, and leads to this machine: not a byte is sent."""
    tablet = devices.subscribe()
    port = devices.service.origin.rsplit(":", 1)[1]
    monkeypatch.setattr(webpush, "is_push_service", lambda endpoint: True)
    settings.CLUSTR_PUSH_TEST_ORIGIN = ""
    PushSubscription.objects.across_estates().update(endpoint=f"http://localhost:{port}{tablet.path}")

    (delivery,) = devices.push()
    row = devices.sweep_for(1, delivery)

    assert (row.state, row.error_code) == (State.FAILED, "private_address")
    assert tablet.calls == 0


def test_a_host_that_is_no_longer_allowed_gets_nothing(devices: Devices, settings: Any) -> None:
    tablet = devices.subscribe()
    settings.CLUSTR_PUSH_TEST_ORIGIN = ""

    (delivery,) = devices.push()
    row = devices.sweep_for(1, delivery)

    assert (row.state, row.error_code, tablet.calls) == (State.FAILED, "endpoint_not_allowed", 0)


def test_who_signs_out_in_between_is_not_woken(devices: Devices, held: Background) -> None:
    tablet = devices.subscribe()
    (delivery,) = devices.push()
    session = PushSubscription.objects.across_estates().get().session_key
    SessionStore(session_key=session).delete()

    row = devices.sweep_for(1, delivery)

    assert (row.state, row.error_code) == (State.FAILED, "signed_out")
    tablet.expect_silence()
    assert not wakeable(devices.post.estate.pk, [devices.post.gate.pk])


@pytest.mark.parametrize("ending", ["membership", "user", "estate"])
def test_who_left_is_not_woken(devices: Devices, held: Background, ending: str) -> None:
    tablet = devices.subscribe()
    (delivery,) = devices.push()
    gate = devices.post.gate
    if ending == "membership":
        type(gate).objects.across_estates().filter(pk=gate.pk).update(status="ended")
    elif ending == "user":
        type(gate.user).objects.filter(pk=gate.user_id).update(is_active=False)
    else:
        type(devices.post.estate).objects.update(is_suspended=True)

    row = devices.sweep_for(1, delivery)

    assert (row.state, row.error_code) == (State.FAILED, "signed_out")
    tablet.expect_silence()


def test_a_worker_that_died_in_the_call_is_followed_by_one_that_sends(
    devices: Devices, held: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet = devices.subscribe()
    (delivery,) = devices.push()

    class Killed(BaseException):
        pass

    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_send", die)
        with pytest.raises(Killed):
            sending.sweep_pushes()
    assert devices.post.again(delivery).work == Work.RECONCILE
    devices.post.clock.shift(CALL_LEASE + timedelta(seconds=1))
    row = devices.sweep_for(2, delivery)

    assert (row.state, len(tablet.came)) == (State.SENT, 1)


def test_what_is_withdrawn_is_not_sent(devices: Devices, held: Background, post: Post) -> None:
    tablet = devices.subscribe()
    (delivery,) = devices.push()

    withdraw(subject_id=post.subject_id)
    row = devices.sweep_for(1, delivery)

    assert (row.state, row.error_code) == (State.EXPIRED, "withdrawn")
    tablet.expect_silence()


def test_push_services_that_hang_hold_up_no_text(
    devices: Devices, held: Background, post: Post, twilio: FakeTwilio
) -> None:
    """What sends texts does not even look at them."""
    tablet = devices.subscribe()
    tablet.script(Hang())
    devices.push()
    text = post.text(step="2.0")

    sending.sweep(is_emergency=True)

    twilio.phone(GATE).expect_sms("SOS")
    assert post.again(text).state == State.ACCEPTED
    assert tablet.calls == 0


def test_without_a_key_it_is_printed(
    devices: Devices, settings: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    tablet = devices.subscribe()
    settings.CLUSTR_VAPID_PRIVATE_KEY = ""

    (delivery,) = devices.push()
    row = devices.sweep_for(1, delivery)

    assert (row.state, row.provider) == (State.SENT, "console")
    assert "Push through 127.0.0.1: SOS FIRE: B-14" in capfd.readouterr().err
    tablet.expect_silence()


@pytest.mark.parametrize(("kind", "state"), [("received", State.RECEIVED), ("seen", State.SEEN)])
def test_the_browser_says_what_it_has(devices: Devices, client: Any, kind: str, state: State) -> None:
    tablet = devices.subscribe()
    (delivery,) = devices.push()
    devices.sweep_for(1, delivery)
    receipt = tablet.notices[0]["receipt"]

    answers = [
        client.post("/webhooks/push/", {"receipt": receipt, "kind": kind}, content_type="application/json")
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert devices.post.again(delivery).state == state


def test_a_receipt_never_goes_back(devices: Devices, client: Any) -> None:
    tablet = devices.subscribe()
    (delivery,) = devices.push()
    devices.sweep_for(1, delivery)
    receipt = tablet.notices[0]["receipt"]

    for kind in ("seen", "received"):
        client.post("/webhooks/push/", {"receipt": receipt, "kind": kind}, content_type="application/json")

    assert devices.post.again(delivery).state == State.SEEN


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"receipt": "x" * 38}, 404, "push_receipt_not_valid"),
        ({"receipt": ""}, 404, "push_receipt_not_valid"),
        ({"receipt": "é"}, 404, "push_receipt_not_valid"),
        ({}, 400, "malformed"),
        ({"receipt": "x", "kind": "acknowledged"}, 400, "malformed"),
    ],
)
def test_nobody_makes_a_receipt_up(db: None, client: Any, body: Any, status: int, code: str) -> None:
    answer = client.post("/webhooks/push/", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_token_of_a_link_is_no_receipt(devices: Devices, client: Any) -> None:
    from emergency.links import token_of

    devices.subscribe()
    (delivery,) = devices.push()

    answer = client.post(
        "/webhooks/push/", {"receipt": token_of(delivery.pk)}, content_type="application/json"
    )

    assert answer.status_code == 404
