"""What Twilio reports: by callback, late, twice, in any order, or only when asked."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.clock import now
from notifications.models import Delivery
from notifications.services import withdraw
from notifications.services.reporting import ASK_AFTER
from notifications.states import State, Work
from tests.notifications.conftest import GATE, Post
from tests.support.twilio import AcceptThenDrop, Callback, FakeMessage, FakeTwilio

SID = "SM" + "0" * 32

Report = Callable[..., int]


@pytest.fixture
def sent(post: Post, twilio: FakeTwilio) -> Delivery:
    """A text that Twilio has."""
    return post.sweep(post.text())


@pytest.fixture
def message(sent: Delivery, twilio: FakeTwilio) -> FakeMessage:
    return twilio.messages[0]


def test_callbacks_move_it_forward(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    assert report_to(twilio.progress(message, "sent")) == 204
    assert post.again(sent).state == State.SENT
    assert report_to(twilio.progress(message, "delivered")) == 204
    row = post.again(sent)
    assert (row.state, row.work, row.due_at) == (State.DELIVERED, Work.NONE, None)
    assert row.accepted_at
    assert row.sent_at
    assert row.delivered_at


def test_sent_after_delivered_stays_delivered(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    report_to(twilio.progress(message, "delivered"))
    for status in ("sent", "queued", "sending", "accepted"):
        assert report_to(twilio.callback(message, status)) == 204
    assert post.again(sent).state == State.DELIVERED


def test_failed_after_delivered_stays_delivered(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    report_to(twilio.progress(message, "delivered"))
    report_to(twilio.callback(message, "undelivered", 30005))
    assert post.again(sent).state == State.DELIVERED


def test_the_same_callback_twice_changes_nothing(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    callback = twilio.progress(message, "delivered")
    report_to(callback)
    first = post.again(sent)
    post.forward(60)
    assert report_to(callback) == 204
    assert post.again(sent).__dict__ | {"_state": None} == first.__dict__ | {"_state": None}


@pytest.mark.parametrize("code", [30004, 30005, 30006, 30007])
@pytest.mark.parametrize("status", ["failed", "undelivered"])
def test_a_permanent_failure_ends_it(
    post: Post,
    twilio: FakeTwilio,
    sent: Delivery,
    message: FakeMessage,
    report_to: Report,
    status: str,
    code: int,
) -> None:
    report_to(twilio.progress(message, status, code))
    row = post.sweep_for(60, sent)
    assert (row.state, row.error_code) == (State.FAILED, str(code))
    assert len(twilio.messages) == 1


@pytest.mark.parametrize("code", [30001, 30003, 30008, 30036, 39999])
def test_what_was_not_delivered_for_now_is_sent_once_more(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report, code: int
) -> None:
    callback = twilio.progress(message, "undelivered", code)
    report_to(callback)
    again_at = post.again(sent).due_at
    post.forward(1)
    report_to(callback)
    assert (post.again(sent).error_code, post.again(sent).due_at) == (str(code), again_at)
    row = post.sweep_for(10, sent)
    assert (row.state, row.attempt, row.error_code) == (State.ACCEPTED, 2, "")
    assert len(twilio.messages) == 2
    # The first attempt's failure, repeated late, is not the second's.
    report_to(callback)
    post.sweep_for(30, sent)
    assert len(twilio.messages) == 2


def test_what_is_never_delivered_expires(post: Post, twilio: FakeTwilio, report_to: Report) -> None:
    delivery = post.text(expires_at=now() + timedelta(seconds=60))
    for _ in range(70):
        post.sweep()
        for message in twilio.messages:
            if message.status == "queued":
                report_to(twilio.progress(message, "undelivered", 30003))
        post.forward(1)
    row = post.again(delivery)
    assert (row.state, row.error_code) == (State.EXPIRED, "30003")
    assert 3 <= len(twilio.messages) <= 12


def test_what_is_withdrawn_after_a_failure_stays_failed(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    report_to(twilio.progress(message, "undelivered", 30003))
    assert withdraw(subject_id=post.subject_id) == 1
    row = post.sweep_for(30, sent)
    assert (row.state, row.error_code) == (State.FAILED, "30003")
    assert len(twilio.messages) == 1


def test_a_failure_after_the_withdrawal_is_not_made_good(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    withdraw(subject_id=post.subject_id)
    report_to(twilio.progress(message, "undelivered", 30003))
    post.sweep_for(30, sent)
    assert len(twilio.messages) == 1


def test_a_callback_proves_that_an_ambiguous_text_arrived(
    post: Post, twilio: FakeTwilio, report_to: Report
) -> None:
    twilio.script(GATE, AcceptThenDrop(is_listed=False))
    delivery = post.sweep(post.text())
    assert delivery.provider_id == ""
    message = twilio.messages[0]
    report_to(twilio.progress(message, "sent"))
    row = post.sweep_for(30, delivery)
    assert (row.state, row.provider_id, row.error_code) == (State.SENT, message.sid, "")
    assert len(twilio.messages) == 1


def test_a_late_callback_of_the_first_of_two_still_counts(
    post: Post, twilio: FakeTwilio, report_to: Report
) -> None:
    twilio.script(GATE, AcceptThenDrop(is_listed=False))
    delivery = post.sweep_for(3, post.text())
    first, second = twilio.messages
    assert delivery.provider_id == second.sid
    report_to(twilio.progress(second, "undelivered", 30005))
    report_to(twilio.progress(first, "delivered"))
    row = post.again(delivery)
    assert row.delivered_at is not None


def test_an_ordinary_text_given_up_as_ambiguous_learns_that_it_arrived(
    post: Post, twilio: FakeTwilio, report_to: Report
) -> None:
    twilio.script(GATE, AcceptThenDrop(is_listed=False))
    delivery = post.sweep_for(60, post.text(is_emergency=False))
    assert delivery.state == State.FAILED
    report_to(twilio.progress(twilio.messages[0], "delivered"))
    row = post.again(delivery)
    assert row.state == State.FAILED
    assert row.delivered_at == now()
    assert row.provider_id == twilio.messages[0].sid


def test_without_callbacks_the_provider_is_asked(post: Post, twilio: FakeTwilio, sent: Delivery) -> None:
    twilio.progress(twilio.messages[0], "delivered")
    wait = int(ASK_AFTER[True].total_seconds())
    assert post.sweep_for(wait, sent).state == State.ACCEPTED
    assert post.sweep(sent).state == State.DELIVERED


def test_asking_finds_a_failure_too(post: Post, twilio: FakeTwilio, sent: Delivery) -> None:
    twilio.progress(twilio.messages[0], "failed", 30007)
    assert post.sweep_for(12, sent).state == State.FAILED


def test_it_is_asked_less_and_less_often_and_then_no_more(
    post: Post, twilio: FakeTwilio, sent: Delivery
) -> None:
    twilio.progress(twilio.messages[0], "sent")
    for _ in range(200):
        post.sweep()
        post.forward(10)
    row = post.again(sent)
    assert (row.state, row.work, row.due_at) == (State.SENT, Work.NONE, None)
    asked = [call for call in twilio.calls if call.method == "GET"]
    assert 4 <= len(asked) <= 10


def test_a_message_that_the_provider_no_longer_has_is_not_asked_for_again(
    post: Post, twilio: FakeTwilio, sent: Delivery
) -> None:
    twilio.messages.clear()
    row = post.sweep_for(12, sent)
    assert (row.state, row.work) == (State.ACCEPTED, Work.NONE)


def test_a_provider_that_cannot_be_asked_is_asked_later(
    post: Post, twilio: FakeTwilio, sent: Delivery
) -> None:
    with twilio.refusing_connections():
        row = post.sweep_for(12, sent)
        assert (row.state, row.work) == (State.ACCEPTED, Work.CONFIRM)
    twilio.progress(twilio.messages[0], "delivered")
    assert post.sweep_for(30, sent).state == State.DELIVERED


# --- strangers and nonsense -------------------------------------------------------------------------------------------


def test_a_wrong_signature_is_refused(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    callback = twilio.callback(message, "delivered")
    forged = [
        twilio.sign(callback.url, callback.params, token="another account's"),
        twilio.sign(callback.url, callback.params | {"MessageStatus": "sent"}),
        twilio.sign(callback.url.replace("https:", "http:"), callback.params),
        twilio.sign(callback.url + "?x=1", callback.params),
        "",
        "é",
    ]
    for signature in forged:
        assert report_to(callback, **{"X-Twilio-Signature": signature}) == 403
    assert post.again(sent).state == State.ACCEPTED


def test_without_a_token_nothing_is_believed(
    post: Post, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report, settings: object
) -> None:
    settings.CLUSTR_TWILIO = settings.CLUSTR_TWILIO | {"auth_token": ""}  # type: ignore[attr-defined]
    callback = twilio.callback(message, "delivered")
    empty = twilio.sign(callback.url, callback.params, token=" ").strip()
    assert report_to(callback) == 403
    assert report_to(callback, **{"X-Twilio-Signature": empty}) == 403
    assert post.again(sent).state == State.ACCEPTED


def test_the_query_is_part_of_what_is_signed(
    twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    message.fields["StatusCallback"] += "?a=1&b=%C3%A9"
    assert report_to(twilio.callback(message, "delivered")) == 204


def test_the_signature_is_over_the_public_address_whatever_the_proxy_says(
    twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    assert report_to(twilio.callback(message, "delivered"), Host="127.0.0.1:8000") == 204


def test_a_delivery_that_does_not_exist_is_not_found(
    twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    message.fields["StatusCallback"] = message.status_callback.replace(str(sent.pk), str(sent.subject_id))
    assert report_to(twilio.callback(message, "delivered")) == 404


def test_whether_a_delivery_exists_is_not_told_to_strangers(
    twilio: FakeTwilio, sent: Delivery, message: FakeMessage, report_to: Report
) -> None:
    message.fields["StatusCallback"] = message.status_callback.replace(str(sent.pk), str(sent.subject_id))
    assert report_to(twilio.callback(message, "delivered"), **{"X-Twilio-Signature": "guess"}) == 403


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"MessageSid": SID}, 400),
        ({"MessageStatus": "sent"}, 400),
        ({"MessageSid": SID, "MessageStatus": "teleported"}, 204),
        ({"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": "not a number"}, 204),
        ({"MessageSid": "SM" + "x" * 5000, "MessageStatus": "sent"}, 400),
        ({"MessageSid": SID[:-1] + "\x00", "MessageStatus": "sent"}, 400),
    ],
)
def test_signed_nonsense_does_no_harm(
    post: Post,
    twilio: FakeTwilio,
    sent: Delivery,
    message: FakeMessage,
    report_to: Report,
    params: dict[str, str],
    status: int,
) -> None:
    url = message.status_callback
    assert report_to(Callback(url, params, twilio.sign(url, params))) == status
    assert post.again(sent).state == State.ACCEPTED


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", ""])
def test_another_content_type_is_refused(
    client: object, twilio: FakeTwilio, sent: Delivery, message: FakeMessage, content_type: str
) -> None:
    callback = twilio.callback(message, "delivered")
    answer = client.post(  # type: ignore[attr-defined]
        callback.path,
        data=callback.body,
        content_type=content_type,
        headers={"X-Twilio-Signature": callback.signature},
    )
    assert answer.status_code in (400, 403, 415)


def test_a_huge_body_is_refused(
    client: object, twilio: FakeTwilio, sent: Delivery, message: FakeMessage
) -> None:
    answer = client.post(  # type: ignore[attr-defined]
        twilio.callback(message, "sent").path,
        data=b"a=" + b"b" * 1_000_000,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_answered(client: object, twilio: FakeTwilio, message: FakeMessage, method: str) -> None:
    answer = getattr(client, method)(twilio.callback(message, "sent").path)
    assert answer.status_code == 405
