"""The proof in numbers, as the text goes its way."""

from notifications.selectors import overdue, summary_of, unreached
from notifications.services import acknowledge, withdraw
from tests.notifications.conftest import GATE, Post
from tests.support.twilio import FakeTwilio, Refuse


def counts(post: Post) -> tuple[int, int, int, int]:
    summary = summary_of([post.subject_id])[post.subject_id]
    return summary.sms_intended, summary.sms_sent, summary.sms_delivered, summary.sms_failed


def test_intended_sent_delivered(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.text()
    assert counts(post) == (1, 0, 0, 0)
    post.sweep()
    assert counts(post) == (1, 1, 0, 0)
    twilio.progress(twilio.messages[0], "delivered")
    post.sweep_for(11, delivery)
    assert counts(post) == (1, 1, 1, 0)


def test_failed(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, Refuse(21610))
    post.text()
    post.sweep()
    assert counts(post) == (1, 0, 0, 1)
    assert unreached(post.subject_id, "1.0") == {post.gate.pk}


def test_being_tried_again_counts_as_not_reached_but_not_as_failed(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, Refuse(20429))
    post.text()
    post.sweep()
    assert counts(post) == (1, 0, 0, 0)
    assert unreached(post.subject_id, "1.0") == {post.gate.pk}


def test_what_was_withdrawn_is_no_failure(post: Post) -> None:
    post.text()
    withdraw(subject_id=post.subject_id)
    assert counts(post) == (1, 0, 0, 0)
    assert unreached(post.subject_id, "1.0") == set()


def test_a_delivered_text_stays_delivered_when_its_reader_acknowledges(
    post: Post, twilio: FakeTwilio
) -> None:
    delivery = post.text()
    post.sweep()
    twilio.progress(twilio.messages[0], "delivered")
    post.sweep_for(11, delivery)
    acknowledge(subject_id=post.subject_id, member_id=post.gate.pk)
    assert counts(post) == (1, 1, 1, 0)


def test_work_that_nobody_does_is_overdue(post: Post) -> None:
    post.text()
    assert overdue(grace_s=10) == 0
    post.forward(11)
    assert overdue(grace_s=10) == 1
