"""From the commit to the worker: at once through the queue, and all the same when the queue loses it."""

from typing import Any

import pytest

from core.background import functions, queues, ticks
from core.unit_of_work import unit_of_work
from notifications.models import Delivery
from notifications.services import Recipient
from notifications.states import State
from tests.notifications.conftest import GATE, Post, make_post
from tests.support.background import Background
from tests.support.twilio import FakeTwilio


@pytest.fixture
def post(transactional_db: None, clock: Any) -> Post:
    return make_post(clock)


def test_a_text_goes_out_with_the_commit_and_not_before(post: Post, twilio: FakeTwilio) -> None:
    with unit_of_work():
        delivery = post.text()
        twilio.phone(GATE).expect_silence()
    assert post.again(delivery).state == State.ACCEPTED
    twilio.phone(GATE).expect_sms("SOS")


def test_what_is_rolled_back_is_not_sent(post: Post, twilio: FakeTwilio) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        post.text()
        raise ZeroDivisionError
    twilio.phone(GATE).expect_silence()
    assert not Delivery.objects.across_estates().exists()


def test_what_the_broker_lost_the_sweep_finds(post: Post, twilio: FakeTwilio, background: Background) -> None:
    background.hold()
    delivery = post.text()
    background.lose()
    functions["notifications.sweep"]()
    assert post.again(delivery).state == State.ACCEPTED


def test_a_task_that_is_run_twice_sends_once(post: Post, twilio: FakeTwilio, background: Background) -> None:
    background.hold()
    delivery = post.text()
    name, arguments = background.waiting[0]
    functions[name](**arguments)
    functions[name](**arguments)
    assert len(twilio.messages) == 1
    assert post.again(delivery).attempt == 1


def test_emergencies_and_ordinary_texts_stand_in_different_queues(
    post: Post, twilio: FakeTwilio, background: Background
) -> None:
    background.hold()
    post.text(step="1.0")
    post.text(step="2.0", is_emergency=False)
    assert [queues[name] for name, _ in background.waiting] == ["emergency", "default"]
    background.release()
    assert len(twilio.messages) == 2


def test_many_texts_are_handed_over_in_portions(
    post: Post, twilio: FakeTwilio, background: Background
) -> None:
    background.hold()
    post.intend(*[Recipient(None, f"Guard {n}", f"+4477009{n:05}") for n in range(120)])
    assert [len(arguments["delivery_ids"]) for _, arguments in background.waiting] == [50, 50, 20]
    background.release()
    assert len(twilio.messages) == 120


def test_the_emergency_sweep_comes_at_least_every_second() -> None:
    assert {tick.name: tick.seconds for tick in ticks}["notifications.sweep"] <= 1.0
