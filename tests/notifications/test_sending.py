"""Every way in which handing a text to the provider can end, over the wire, with Twilio's own client."""

import logging
from datetime import timedelta

import pytest

from core.clock import now
from notifications.services import Recipient, withdraw
from notifications.states import State, Work
from tests.notifications.conftest import GATE, Post
from tests.support.twilio import Fail, FakeTwilio, Gibberish, Refuse, Throttle

PERMANENT = [21211, 21610, 21612, 21614]
TEMPORARY = [20429, 21611, 30001]


def test_an_accepted_text_carries_the_callback_and_a_short_validity(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.sweep(post.text())
    assert delivery.state == State.ACCEPTED
    assert delivery.provider == "twilio"
    message = twilio.phone(GATE).expect_sms("SOS at B-14")
    assert delivery.provider_id == message.sid
    assert message.status_callback == f"https://estate.example/webhooks/twilio/sms/{delivery.pk}/"
    assert message.fields["ValidityPeriod"] == "120"
    assert message.fields["From"] == "+15005550006"


def test_a_messaging_service_stands_in_for_the_sender(
    post: Post, twilio: FakeTwilio, settings: object
) -> None:
    service = "MG" + "b" * 32
    settings.CLUSTR_TWILIO = settings.CLUSTR_TWILIO | {"messaging_service_sid": service}  # type: ignore[attr-defined]
    post.sweep(post.text())
    fields = twilio.phone(GATE).expect_sms("SOS").fields
    assert fields["MessagingServiceSid"] == service
    assert "From" not in fields


def test_an_ordinary_text_has_no_validity_and_its_own_sweep(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.text(is_emergency=False)
    assert post.sweep(delivery).state == State.INTENDED
    assert post.sweep(delivery, is_emergency=False).state == State.ACCEPTED
    assert "ValidityPeriod" not in twilio.phone(GATE).expect_sms("SOS").fields


def test_the_validity_ends_with_the_worth_of_the_message(post: Post, twilio: FakeTwilio) -> None:
    post.sweep(post.text(expires_at=now() + timedelta(seconds=30)))
    assert twilio.phone(GATE).expect_sms("SOS").fields["ValidityPeriod"] == "30"


@pytest.mark.parametrize("code", PERMANENT)
def test_a_permanent_refusal_ends_it_at_once(post: Post, twilio: FakeTwilio, code: int) -> None:
    twilio.script(GATE, Refuse(code))
    delivery = post.sweep(post.text())
    assert (delivery.state, delivery.error_code) == (State.FAILED, str(code))
    assert delivery.error
    post.sweep_for(60, delivery)
    assert len(twilio.calls) == 1


@pytest.mark.parametrize("code", TEMPORARY)
def test_a_temporary_refusal_is_tried_again(post: Post, twilio: FakeTwilio, code: int) -> None:
    twilio.script(GATE, Refuse(code))
    delivery = post.sweep(post.text())
    assert (delivery.state, delivery.error_code) == (State.INTENDED, str(code))
    assert post.sweep(delivery).attempt == 1
    delivery = post.sweep_for(4, delivery)
    assert (delivery.state, delivery.attempt, delivery.error_code) == (State.ACCEPTED, 2, "")
    assert twilio.phone(GATE).texts == ["SOS at B-14"]


def test_wrong_credentials_are_tried_until_somebody_mends_them(post: Post, twilio: FakeTwilio) -> None:
    token, twilio.auth_token = twilio.auth_token, "changed"
    delivery = post.sweep(post.text())
    assert (delivery.state, delivery.error_code) == (State.INTENDED, "20003")
    twilio.auth_token = token
    assert post.sweep_for(4, delivery).state == State.ACCEPTED


def test_throttling_waits_as_long_as_it_is_told(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, Throttle(retry_after=7))
    delivery = post.sweep(post.text())
    assert delivery.error_code == "429"
    assert delivery.next_attempt_at == now() + timedelta(seconds=7)
    assert post.sweep_for(7, delivery).state == State.INTENDED
    assert post.sweep(delivery).state == State.ACCEPTED


def test_throttling_without_a_time_waits_a_moment(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, Throttle(retry_after=None))
    assert post.sweep_for(4, post.text()).state == State.ACCEPTED


def test_repeated_refusals_are_tried_less_and_less_often(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, *[Refuse(30001)] * 100)
    post.sweep_for(60, post.text())
    assert 5 <= len(twilio.calls) <= 9


def test_a_connection_that_is_refused_is_tried_again(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.text()
    with twilio.refusing_connections():
        delivery = post.sweep(delivery)
        assert (delivery.state, delivery.error_code, delivery.work) == (
            State.INTENDED,
            "unreachable",
            Work.SEND,
        )
    assert post.sweep_for(4, delivery).state == State.ACCEPTED
    assert len(twilio.messages) == 1


def test_something_in_between_that_is_not_twilio_is_not_believed(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, Gibberish())
    assert post.sweep_for(4, post.text()).state == State.ACCEPTED
    assert len(twilio.messages) == 1


def test_what_was_never_taken_expires(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, *[Refuse(20429)] * 100)
    delivery = post.text(expires_at=now() + timedelta(seconds=20))
    delivery = post.sweep_for(22, delivery)
    assert (delivery.state, delivery.error_code) == (State.EXPIRED, "20429")
    assert delivery.expired_at == delivery.expires_at
    calls = len(twilio.calls)
    post.sweep_for(60, delivery)
    assert len(twilio.calls) == calls


def test_what_expired_before_anybody_came_is_never_sent(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.text(expires_at=now() + timedelta(seconds=30))
    post.forward(31)
    delivery = post.sweep(delivery)
    assert (delivery.state, delivery.error_code) == (State.EXPIRED, "too_late")
    twilio.phone(GATE).expect_silence()


def test_what_is_withdrawn_while_it_waits_is_not_tried_again(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, Refuse(20429))
    delivery = post.sweep(post.text())
    withdraw(subject_id=post.subject_id)
    assert post.sweep_for(30, delivery).state == State.EXPIRED
    twilio.phone(GATE).expect_silence()


def test_many_texts_are_under_way_at_once(post: Post, twilio: FakeTwilio) -> None:
    twilio.latency_s = 0.2
    people = [Recipient(None, f"Guard {n}", f"+4477009{n:05}") for n in range(60)]
    post.intend(*people)
    post.sweep()
    assert len(twilio.messages) == 60
    # One after the other they would take twelve seconds.
    assert twilio.most_at_once >= 4


def test_no_number_and_no_text_in_the_log(
    post: Post, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    twilio.script(GATE, Fail(500), Refuse(21610))
    post.sweep_for(10, post.text())
    assert GATE not in caplog.text
    assert GATE.removeprefix("+") not in caplog.text
    assert "SOS" not in caplog.text
