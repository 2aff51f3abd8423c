"""Several workers at once: each text goes out once, whoever is first."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from notifications.models import Delivery
from notifications.services import Recipient, acknowledge, sending, withdraw
from notifications.services.claiming import begin_call, claim_due
from notifications.services.outcomes import record_sent
from notifications.states import State
from tests.notifications.conftest import GATE, Post, make_post
from tests.support.background import Background
from tests.support.leg import LEG
from tests.support.twilio import Accept, AcceptThenDrop, FakeTwilio, Refuse, Throttle


@pytest.fixture
def post(transactional_db: None, clock: Any, background: Background) -> Post:
    """On committed rows, which other threads see; the worker sleeps until a test sweeps."""
    background.hold()
    return make_post(clock)


def together(*functions: Callable[[], object]) -> None:
    """Run each in a thread of its own, all starting at the same moment."""
    barrier = threading.Barrier(len(functions))
    errors: list[BaseException] = []

    def run(function: Callable[[], object]) -> None:
        barrier.wait()
        try:
            function()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def sweep() -> None:
    sending.sweep(is_emergency=True)


def test_four_workers_send_one_text_once(post: Post, twilio: FakeTwilio) -> None:
    for number in range(5):
        post.text(step=f"1.{number}")
        together(sweep, sweep, sweep, sweep)
    assert len(twilio.messages) == 5


def test_four_workers_share_many_texts(post: Post, twilio: FakeTwilio) -> None:
    twilio.latency_s = 0.02
    people = [Recipient(None, f"Guard {n}", f"+4477009{n:05}") for n in range(80)]
    deliveries = post.intend(*people)
    ids = [delivery.pk for delivery in deliveries]
    together(sweep, sweep, lambda: sending.deliver(ids[:50]), lambda: sending.deliver(ids[40:]))
    assert sorted(message.to for message in twilio.messages) == sorted(str(one.phone) for one in people)
    rows = Delivery.objects.of(post.estate.pk)
    assert set(rows.values_list("state", flat=True)) == {State.ACCEPTED}
    assert set(rows.values_list("attempt", flat=True)) == {1}


def test_two_workers_reconcile_one_text_once(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, AcceptThenDrop())
    delivery = post.sweep(post.text())
    post.forward(2)
    together(sweep, sweep, sweep)
    assert post.again(delivery).state == State.ACCEPTED
    assert len(twilio.messages) == 1


@pytest.mark.parametrize("stop", ["acknowledge", "withdraw"])
def test_what_is_stopped_while_a_worker_takes_it_is_sent_or_not_but_never_both(
    post: Post, twilio: FakeTwilio, stop: str
) -> None:
    for number in range(5):
        delivery = post.text(step=f"1.{number}")

        def end() -> None:
            if stop == "withdraw":
                withdraw(subject_id=post.subject_id)
            else:
                acknowledge(subject_id=post.subject_id, member_id=post.gate.pk)

        before = len(twilio.messages)
        together(sweep, end)
        row = post.again(delivery)
        was_sent = len(twilio.messages) > before
        assert was_sent == (row.accepted_at is not None)
        assert was_sent == (row.attempt == 1)
        assert row.state != State.INTENDED


def test_a_worker_that_outslept_its_lease_changes_nothing(post: Post, twilio: FakeTwilio) -> None:
    delivery = post.text()
    rows = Delivery.objects.across_estates()
    (slow,) = claim_due(rows, limit=5)
    post.forward(6)
    assert post.sweep(delivery).state == State.ACCEPTED
    assert not begin_call(slow, provider="twilio")
    assert len(twilio.messages) == 1


@pytest.mark.parametrize("answer", [Accept(), Refuse(21610), Throttle(1), AcceptThenDrop()], ids=str)
def test_a_call_that_outslept_its_lease_does_not_undo_what_others_did(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    """The worker is stopped in the middle of its call; another one takes over, sends, and it is delivered."""
    delivery = post.text()
    late: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", lambda row, result: late.append((row, result)))
        twilio.script(GATE, answer)
        post.sweep()
    post.forward(13)
    post.sweep_for(3, delivery)
    twilio.progress(twilio.messages[-1], "delivered")
    post.sweep_for(12, delivery)
    ((row, result),) = late
    record_sent(row, result)
    now_row = post.again(delivery)
    assert now_row.state == State.DELIVERED
    assert now_row.due_at is None


if LEG == "production":
    # SQLite has one writer at a time and no row locks.

    def test_the_rows_of_one_worker_are_not_even_looked_at_by_another(post: Post) -> None:
        """PostgreSQL passes over locked rows instead of waiting for them."""
        post.intend(post.recipient(post.gate), post.recipient(post.sule))
        held, claimed = threading.Event(), threading.Event()
        found: list[Delivery] = []

        def hold() -> None:
            with transaction.atomic():
                list(Delivery.objects.across_estates().filter(address=GATE).select_for_update())
                held.set()
                claimed.wait(5)

        def claim() -> None:
            held.wait(5)
            found.extend(claim_due(Delivery.objects.across_estates(), limit=10))
            claimed.set()

        together(hold, claim)
        assert [row.address for row in found] != []
        assert GATE not in [row.address for row in found]
