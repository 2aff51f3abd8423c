"""Who is to be told is written down once, whatever is run twice."""

import pytest

from core.unit_of_work import NoUnitOfWork
from notifications.selectors import deliveries_of
from notifications.services import Recipient, acknowledge, intend, withdraw
from notifications.states import Channel, State
from realtime.topics import emergency_lane, inbox
from tests.notifications.conftest import GATE, SULE, Post
from tests.support.twilio import FakeTwilio


def test_each_recipient_gets_one_delivery_before_anything_is_sent(post: Post, twilio: FakeTwilio) -> None:
    written = post.intend(post.recipient(post.gate), post.recipient(post.sule))
    assert {row.address for row in written} == {GATE, SULE}
    assert {row.state for row in written} == {State.INTENDED}
    assert not twilio.messages
    post.sweep()
    assert sorted(message.to for message in twilio.messages) == [GATE, SULE]


def test_a_step_that_runs_twice_tells_nobody_twice(post: Post, twilio: FakeTwilio) -> None:
    assert len(post.intend()) == 1
    assert post.intend() == []
    post.sweep()
    post.intend()
    post.sweep()
    assert twilio.phone(GATE).texts == ["SOS at B-14"]


def test_the_next_round_of_a_step_is_another_delivery(post: Post, twilio: FakeTwilio) -> None:
    post.intend(step="1.0")
    post.intend(step="1.1")
    post.sweep()
    assert len(twilio.phone(GATE).texts) == 2


def test_two_people_with_one_number_get_one_text(post: Post, twilio: FakeTwilio) -> None:
    post.intend(post.recipient(), Recipient(member_id=None, name="Gate's wife", phone=GATE))
    post.sweep()
    assert len(twilio.phone(GATE).texts) == 1


def test_somebody_without_a_number_is_on_the_record_as_failed(post: Post) -> None:
    delivery = post.intend(Recipient(member_id=post.gate.pk, name="Gate"))[0]
    assert (delivery.state, delivery.error_code) == (State.FAILED, "no_phone")
    assert delivery.failed_at is not None


def test_a_websocket_delivery_is_sent_with_the_commit(post: Post) -> None:
    delivery = post.intend(channel=Channel.WEBSOCKET, topic=emergency_lane(post.estate.pk))[0]
    assert delivery.state == State.SENT
    assert delivery.address == emergency_lane(post.estate.pk).name
    assert delivery.sent_at == delivery.intended_at


def test_a_recipient_may_have_a_topic_of_his_own(post: Post) -> None:
    own = inbox(post.gate.pk, post.estate.pk)
    recipient = Recipient(member_id=post.gate.pk, name="Gate", topic=own)
    delivery = post.intend(recipient, channel=Channel.WEBSOCKET, topic=emergency_lane(post.estate.pk))[0]
    assert delivery.address == own.name


def test_a_websocket_delivery_without_a_topic_is_a_mistake(post: Post) -> None:
    with pytest.raises(ValueError, match="topic"):
        post.intend(channel=Channel.WEBSOCKET)


def test_a_websocket_delivery_outside_a_unit_of_work_is_a_mistake(post: Post) -> None:
    with pytest.raises(NoUnitOfWork):
        intend(
            estate_id=post.estate.pk,
            subject="emergency.alert",
            subject_id=post.subject_id,
            step="0.0",
            channel="websocket",
            recipients=[post.recipient()],
            topic=emergency_lane(post.estate.pk),
        )


def test_what_was_withdrawn_is_never_sent(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.text()
    assert withdraw(subject_id=post.subject_id) == 1
    post.sweep()
    twilio.phone(GATE).expect_silence()
    row = post.again(delivery)
    assert (row.state, row.error_code) == (State.EXPIRED, "withdrawn")


def test_withdrawing_leaves_what_was_sent(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.text()
    post.sweep()
    assert withdraw(subject_id=post.subject_id) == 0
    assert post.again(delivery).state == State.ACCEPTED


def test_who_acknowledged_is_sent_nothing_more(post: Post, twilio: FakeTwilio) -> None:
    his, other = post.intend(post.recipient(post.gate), post.recipient(post.sule))
    assert acknowledge(subject_id=post.subject_id, member_id=post.gate.pk) == 1
    post.sweep()
    twilio.phone(GATE).expect_silence()
    twilio.phone(SULE).expect_sms("SOS")
    assert post.again(his).state == State.ACKNOWLEDGED
    assert post.again(other).state == State.ACCEPTED


def test_deliveries_of_another_estate_are_not_found(post: Post) -> None:
    stranger = Post(
        **{**post.__dict__, "estate": type(post.estate).objects.create(name="Other", slug="other")}
    )
    post.text()
    assert list(deliveries_of(stranger.estate.pk, post.subject_id)) == []
    assert len(deliveries_of(post.estate.pk, post.subject_id)) == 1
