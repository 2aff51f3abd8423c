"""Calls whose end nobody knows: an emergency is looked up and sent again, anything else is never sent twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.clock import now
from notifications.models import Delivery
from notifications.services import Recipient, sending
from notifications.services.claiming import CALL_LEASE, CLAIM_LEASE
from notifications.services.outcomes import record_sent
from notifications.sms import registry
from notifications.sms.base import SendResult
from notifications.states import State, Work
from tests.notifications.conftest import GATE, Post
from tests.support.twilio import (
    AcceptThenDrop,
    AcceptThenFail,
    AcceptThenHang,
    Behaviour,
    Drop,
    Fail,
    FakeTwilio,
    Hang,
)

MADE = [AcceptThenHang(), AcceptThenFail(500), AcceptThenFail(503), AcceptThenDrop()]
NOT_MADE = [Hang(), Fail(500), Fail(503), Drop()]


class Killed(BaseException):
    """The process is gone: nothing after this line of the worker runs."""


@pytest.mark.parametrize("behaviour", MADE, ids=str)
def test_an_emergency_that_arrived_without_an_answer_is_found(
    post: Post, twilio: FakeTwilio, behaviour: Behaviour
) -> None:
    twilio.script(GATE, behaviour)
    delivery = post.sweep(post.text())
    assert (delivery.state, delivery.work, delivery.error_code) == (
        State.INTENDED,
        Work.RECONCILE,
        "ambiguous",
    )
    delivery = post.sweep_for(3, delivery)
    assert (delivery.state, delivery.error_code, delivery.attempt) == (State.ACCEPTED, "", 1)
    assert [message.sid for message in twilio.messages] == [delivery.provider_id]


@pytest.mark.parametrize("behaviour", NOT_MADE, ids=str)
def test_an_emergency_that_did_not_arrive_is_sent_again(
    post: Post, twilio: FakeTwilio, behaviour: Behaviour
) -> None:
    twilio.script(GATE, behaviour)
    delivery = post.sweep_for(3, post.text())
    assert (delivery.state, delivery.attempt) == (State.ACCEPTED, 2)
    assert len(twilio.messages) == 1


@pytest.mark.parametrize("behaviour", NOT_MADE, ids=str)
def test_an_ordinary_text_that_may_have_arrived_is_never_sent_again(
    post: Post, twilio: FakeTwilio, behaviour: Behaviour
) -> None:
    twilio.script(GATE, behaviour)
    delivery = post.sweep_for(60, post.text(is_emergency=False))
    assert (delivery.state, delivery.error_code, delivery.attempt) == (State.FAILED, "ambiguous", 1)
    assert not twilio.messages


@pytest.mark.parametrize("behaviour", MADE, ids=str)
def test_an_ordinary_text_that_is_found_counts(post: Post, twilio: FakeTwilio, behaviour: Behaviour) -> None:
    twilio.script(GATE, behaviour)
    delivery = post.sweep_for(60, post.text(is_emergency=False))
    assert delivery.state == State.ACCEPTED
    assert len(twilio.messages) == 1


def test_a_message_that_the_list_does_not_show_is_sent_twice_rather_than_never(
    post: Post, twilio: FakeTwilio
) -> None:
    twilio.script(GATE, AcceptThenDrop(is_listed=False))
    delivery = post.sweep_for(3, post.text())
    assert delivery.state == State.ACCEPTED
    assert len(twilio.messages) == 2


def test_when_nobody_can_be_asked_an_emergency_is_sent_again(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilio.script(GATE, Fail(500))
    delivery = post.sweep(post.text())
    with twilio.refusing_connections():
        # First the question, then the text: neither finds anybody.
        delivery = post.sweep_for(2, delivery)
        assert delivery.error_code == "unreachable"
    assert post.sweep_for(5, delivery).state == State.ACCEPTED
    assert len(twilio.messages) == 1


def test_when_nobody_can_be_asked_an_ordinary_text_waits_for_the_answer(
    post: Post, twilio: FakeTwilio
) -> None:
    twilio.script(GATE, AcceptThenDrop())
    delivery = post.sweep(post.text(is_emergency=False), is_emergency=False)
    with twilio.refusing_connections():
        delivery = post.sweep_for(40, delivery)
        assert delivery.work == Work.RECONCILE
    assert post.sweep_for(120, delivery).state == State.ACCEPTED
    assert len(twilio.messages) == 1


def test_an_ordinary_text_is_given_up_when_its_time_is_over_unanswered(
    post: Post, twilio: FakeTwilio
) -> None:
    delivery = post.text(is_emergency=False, expires_at=now() + timedelta(minutes=2))
    twilio.script(GATE, Drop())
    post.sweep(delivery, is_emergency=False)
    with twilio.refusing_connections():
        delivery = post.sweep_for(200, delivery)
    assert (delivery.state, delivery.error_code) == (State.FAILED, "ambiguous")


def test_another_text_with_the_same_words_is_not_taken_for_this_one(post: Post, twilio: FakeTwilio) -> None:
    first = post.sweep(post.text(step="1.0"))
    twilio.script(GATE, Drop())
    second = post.sweep_for(3, post.text(step="1.1"))
    assert second.provider_id
    assert second.provider_id != first.provider_id
    assert len(twilio.messages) == 2


def test_an_old_text_with_the_same_words_is_not_taken_for_this_one(post: Post, twilio: FakeTwilio) -> None:
    twilio.make({"To": GATE, "Body": "SOS at B-14"}, is_listed=True)
    post.forward(600)
    twilio.script(GATE, Drop())
    post.sweep_for(3, post.text())
    assert len(twilio.messages) == 2


def test_two_ambiguous_texts_with_the_same_words_each_find_one(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, AcceptThenDrop(), AcceptThenDrop())
    first, second = post.text(step="1.0"), post.text(step="1.1")
    post.sweep_for(3, first)
    found = {post.again(first).provider_id, post.again(second).provider_id}
    assert found == {message.sid for message in twilio.messages}
    assert len(found) == 2


def test_a_text_under_way_with_the_same_words_is_not_taken_for_the_one_looked_for(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilio.script(GATE, Drop())
    lost = post.sweep(post.text(step="1.0"))
    under_way = post.text(step="1.1")
    late: list[tuple[Delivery, SendResult]] = []
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", lambda row, result: late.append((row, result)))
        post.sweep()
    # The message of the second is there, its worker has not written it down yet, and the first is looked for.
    lost = post.sweep_for(3, lost)
    record_sent(*late[0])
    assert lost.state == post.again(under_way).state == State.ACCEPTED
    assert len(twilio.messages) == 2
    _each_has_its_own(post, twilio, lost, under_way)


def test_a_message_taken_for_the_wrong_text_is_given_back(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = post.text(step="1.0")
    late: list[tuple[Delivery, SendResult]] = []
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", lambda row, result: late.append((row, result)))
        post.sweep()
    post.forward(1)
    twilio.script(GATE, AcceptThenDrop())
    lost = post.sweep_for(2, post.text(step="1.1"))
    # Of two messages for two texts it was given the older one, before the other text's worker had spoken.
    assert lost.provider_id == twilio.messages[0].sid
    record_sent(*late[0])
    assert post.sweep(lost).state == post.again(slow).state == State.ACCEPTED
    assert len(twilio.messages) == 2
    _each_has_its_own(post, twilio, lost, slow)


def test_callbacks_of_two_texts_with_the_same_words_both_count(
    post: Post, twilio: FakeTwilio, report_to: Callable[..., int]
) -> None:
    twilio.script(GATE, AcceptThenDrop(), AcceptThenDrop())
    first, second = post.text(step="1.0"), post.text(step="1.1")
    post.sweep_for(3, first)
    for message in twilio.messages:
        assert report_to(twilio.progress(message, "sent")) == 204
    assert post.sweep_for(3, first).state == post.again(second).state == State.SENT
    assert len(twilio.messages) == 2


def _each_has_its_own(post: Post, twilio: FakeTwilio, *deliveries: Delivery) -> None:
    for delivery in deliveries:
        message = twilio.find(post.again(delivery).provider_id)
        assert message
        assert str(delivery.pk) in message.status_callback


def test_ambiguous_again_and_again_ends_with_its_time(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, *[Fail(503)] * 100)
    delivery = post.sweep_for(40, post.text(expires_at=now() + timedelta(seconds=30)))
    assert (delivery.state, delivery.error_code) == (State.EXPIRED, "ambiguous")
    assert not twilio.messages


# --- kill -9 ----------------------------------------------------------------------------------------------------------


def test_killed_before_anybody_took_it(post: Post, twilio: FakeTwilio) -> None:
    """The commit was the last thing this process did."""
    delivery = post.text()
    assert post.sweep_for(1, delivery).state == State.ACCEPTED
    assert len(twilio.messages) == 1


@pytest.mark.parametrize("is_emergency", [True, False])
def test_killed_after_taking_it(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, is_emergency: bool
) -> None:
    delivery = post.text(is_emergency=is_emergency)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "begin_call", _die)
        with pytest.raises(Killed):
            post.sweep(is_emergency=is_emergency)
    twilio.phone(GATE).expect_silence()
    # Surely not sent, so sending it is no risk, whatever it is.
    delivery = post.sweep_for(int(CLAIM_LEASE.total_seconds()) + 1, delivery)
    assert (delivery.state, delivery.attempt) == (State.ACCEPTED, 1)
    assert len(twilio.messages) == 1


@pytest.mark.parametrize("is_emergency", [True, False])
@pytest.mark.parametrize("is_made", [True, False])
def test_killed_in_the_middle_of_the_call(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, is_made: bool, is_emergency: bool
) -> None:
    delivery = post.text(is_emergency=is_emergency)
    send = type(registry.get_provider()).send

    def die_while_sending(self: object, message: object) -> None:
        if is_made:
            send(self, message)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(type(registry.get_provider()), "send", die_while_sending)
        with pytest.raises(Killed):
            post.sweep(is_emergency=is_emergency)
    delivery = post.sweep_for(int(CALL_LEASE.total_seconds()) + 1, delivery)
    if is_emergency or is_made:
        assert delivery.state == State.ACCEPTED
        assert len(twilio.messages) == 1
    else:
        assert (delivery.state, delivery.error_code) == (State.FAILED, "ambiguous")
        assert not twilio.messages


def test_killed_before_the_answer_was_written_down(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = post.text()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", _die)
        with pytest.raises(Killed):
            post.sweep()
    delivery = post.sweep_for(int(CALL_LEASE.total_seconds()) + 1, delivery)
    assert delivery.state == State.ACCEPTED
    assert len(twilio.messages) == 1


def test_one_that_kills_its_worker_does_not_hold_up_the_others(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [Recipient(None, f"Guard {n}", f"+44770090{n:04}") for n in range(30)]
    deliveries = post.intend(*people)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", _die)
        with pytest.raises(Killed):
            post.sweep()
    for _ in range(int(CALL_LEASE.total_seconds()) + 1):
        post.sweep()
        post.forward(1)
    assert {post.again(delivery).state for delivery in deliveries} == {State.ACCEPTED}
    assert sorted(message.to for message in twilio.messages) == sorted(str(one.phone) for one in people)


def _die(*args: object, **kwargs: object) -> None:
    raise Killed
