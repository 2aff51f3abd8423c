"""A device's receipt is the proof, and nothing else is."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.actors import SYSTEM
from core.clock import now
from core.ids import new_id
from core.unit_of_work import unit_of_work
from estates.models import Membership
from notifications.models import Delivery
from notifications.receipts import prove_deliveries
from notifications.selectors import summary_of, unreceived
from notifications.services import Recipient, acknowledge, intend
from notifications.states import Channel, State
from realtime.events import Fact
from realtime.models import Stream
from realtime.publishing import publish
from realtime.receipts import Receipt
from realtime.topics import Topic, emergency_lane, guards
from tests.notifications.conftest import Post


class Rang(Fact, type="tests.bell.rang"):
    """Something that somebody is told over the socket."""

    number: int = 0


@pytest.fixture
def lane(post: Post) -> Topic:
    return emergency_lane(post.estate.pk)


def ring(post: Post, lane: Topic, *, step: str = "0.0", facts: int = 1) -> list[Delivery]:
    """Tell Gate and Sule over the lane."""
    with unit_of_work():
        for number in range(facts):
            publish(Rang(number=number), to=[lane], actor=SYSTEM)
        return intend(
            estate_id=post.estate.pk,
            subject="emergency.alert",
            subject_id=post.subject_id,
            step=step,
            channel=Channel.WEBSOCKET,
            recipients=[post.recipient(post.gate), post.recipient(post.sule)],
            topic=lane,
        )


def confirm(who: Membership, topic: Topic, offset: int, kind: Any = "received") -> None:
    """One of the member's devices confirms."""
    prove_deliveries(
        [
            Receipt(
                estate_id=topic.estate_id,
                member_id=who.pk,
                device="tablet",
                topic=topic.name,
                kind=kind,
                offset=offset,
                at=now(),
            )
        ]
    )


def states(post: Post, rows: Sequence[Delivery]) -> list[str]:
    return [post.again(row).state for row in rows]


def test_the_offset_is_that_of_the_fact(post: Post, lane: Topic) -> None:
    ring(post, lane, step="0.0", facts=2)
    first, _ = ring(post, lane, step="0.1")
    assert post.again(first).topic_offset == 3


def test_the_offset_does_not_depend_on_what_is_said_first(post: Post, lane: Topic) -> None:
    with unit_of_work():
        (delivery,) = post.intend(channel=Channel.WEBSOCKET, topic=lane)
        publish(Rang(), to=[lane], actor=SYSTEM)
    assert post.again(delivery).topic_offset == 1


def test_a_receipt_proves_only_its_own_members_delivery(post: Post, lane: Topic) -> None:
    rows = ring(post, lane)
    confirm(post.gate, lane, 1)
    assert states(post, rows) == [State.RECEIVED, State.SENT]
    assert unreceived(post.subject_id, "0.0") == {post.sule.pk}


def test_a_receipt_of_something_earlier_proves_nothing(post: Post, lane: Topic) -> None:
    with unit_of_work():
        publish(Rang(), to=[lane], actor=SYSTEM)
    rows = ring(post, lane)
    confirm(post.gate, lane, 1)
    assert states(post, rows) == [State.SENT, State.SENT]
    confirm(post.gate, lane, 2)
    assert states(post, rows) == [State.RECEIVED, State.SENT]


def test_a_receipt_of_another_topic_proves_nothing(post: Post, lane: Topic) -> None:
    rows = ring(post, lane)
    other = guards(post.estate.pk)
    Stream.objects.create(estate_id=post.estate.pk, name=other.name, head=50)
    confirm(post.gate, other, 50)
    assert states(post, rows) == [State.SENT, State.SENT]


def test_a_receipt_of_what_does_not_exist_yet_proves_nothing(post: Post, lane: Topic) -> None:
    rows = ring(post, lane)
    confirm(post.gate, lane, 5000)
    assert states(post, rows) == [State.SENT, State.SENT]


def test_a_later_receipt_proves_everything_before_it(post: Post, lane: Topic) -> None:
    rows = [*ring(post, lane, step="0.0"), *ring(post, lane, step="0.1")]
    confirm(post.gate, lane, 2)
    assert states(post, rows) == [State.RECEIVED, State.SENT] * 2


def test_seen_after_received_and_not_back(post: Post, lane: Topic) -> None:
    rows = ring(post, lane)
    confirm(post.gate, lane, 1)
    confirm(post.gate, lane, 1, "seen")
    confirm(post.gate, lane, 1)
    row = post.again(rows[0])
    assert row.state == State.SEEN
    assert row.received_at
    assert row.seen_at


def test_seen_alone_is_proof_too(post: Post, lane: Topic) -> None:
    rows = ring(post, lane)
    confirm(post.gate, lane, 1, "seen")
    assert states(post, rows) == [State.SEEN, State.SENT]
    assert unreceived(post.subject_id, "0.0") == {post.sule.pk}


def test_an_acknowledgement_is_the_last_word(post: Post, lane: Topic) -> None:
    rows = ring(post, lane)
    assert acknowledge(subject_id=post.subject_id, member_id=post.gate.pk) == 1
    confirm(post.gate, lane, 1)
    assert states(post, rows) == [State.ACKNOWLEDGED, State.SENT]
    assert unreceived(post.subject_id, "0.0") == {post.sule.pk}


def test_a_fact_that_was_rolled_back_has_no_delivery(post: Post, lane: Topic) -> None:
    class Refused(Exception):
        pass

    with pytest.raises(Refused), unit_of_work():
        with pytest.raises(ZeroDivisionError), unit_of_work():
            post.intend(channel=Channel.WEBSOCKET, topic=lane)
            raise ZeroDivisionError
        raise Refused
    assert not Delivery.objects.of(post.estate).exists()


def test_a_receipt_about_nothing_of_ours_costs_one_read(
    post: Post, lane: Topic, django_assert_num_queries: Any
) -> None:
    rows = ring(post, lane)
    confirm(post.gate, lane, 1)
    with django_assert_num_queries(1):
        confirm(post.gate, lane, 1)
    assert states(post, rows)[0] == State.RECEIVED


def test_the_summary_counts_in_one_query(post: Post, lane: Topic, django_assert_num_queries: Any) -> None:
    ring(post, lane)
    confirm(post.gate, lane, 1)
    post.intend(
        post.recipient(post.sule), Recipient(member_id=None, name="Sister", phone="+447700900103"), step="1.0"
    )
    post.intend(Recipient(member_id=post.gate.pk, name="Gate"), step="1.0")
    other = new_id()
    with django_assert_num_queries(1):
        summaries = summary_of([post.subject_id, other])
    summary = summaries[post.subject_id]
    assert (summary.tablets_intended, summary.tablets_received) == (2, 1)
    assert (summary.sms_intended, summary.sms_sent, summary.sms_failed) == (3, 0, 1)
    assert summaries[other].tablets_intended == 0
