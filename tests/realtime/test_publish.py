import pytest
from django.db import transaction

from core.actors import SYSTEM
from core.background import enqueue_on_commit
from core.unit_of_work import NoUnitOfWork, unit_of_work
from realtime.events import Fact
from realtime.models import Event, Stream
from realtime.publishing import publish
from realtime.topics import everyone, guards


class Happened(Fact, type="test.thing.happened"):
    number: int = 0


def test_offsets_have_no_gap_and_follow_the_commits(cast):
    topics = [everyone(cast.estate.pk), guards(cast.estate.pk)]
    for number in range(5):
        with unit_of_work():
            publish(Happened(number=number), to=topics, actor=SYSTEM)
            publish(Happened(number=number), to=topics[:1], actor=SYSTEM)

    first = Event.objects.filter(stream__name=topics[0].name).order_by("offset")
    assert [event.offset for event in first] == list(range(1, 11))
    assert Stream.objects.across_estates().get(name=topics[1].name).head == 5


def test_an_event_in_two_topics_has_one_id(cast):
    with unit_of_work():
        event_id = publish(Happened(), to=[everyone(cast.estate.pk), guards(cast.estate.pk)], actor=SYSTEM)

    assert Event.objects.filter(event_id=event_id).count() == 2


def test_publishing_outside_a_unit_of_work_is_an_error(cast):
    with pytest.raises(NoUnitOfWork):
        publish(Happened(), to=[everyone(cast.estate.pk)], actor=SYSTEM)


def test_what_was_rolled_back_was_never_published(cast):
    with pytest.raises(ValueError, match="no"), unit_of_work():
        publish(Happened(), to=[everyone(cast.estate.pk)], actor=SYSTEM)
        raise ValueError("no")

    assert not Event.objects.exists()


def test_what_a_commit_sets_off_has_a_unit_of_work_of_its_own(cast):
    """Joined to the one that has just been written, its events would never be."""
    topic = everyone(cast.estate.pk)

    def and_then() -> None:
        with unit_of_work():
            publish(Happened(number=2), to=[topic], actor=SYSTEM)

    with unit_of_work():
        publish(Happened(number=1), to=[topic], actor=SYSTEM)
        transaction.on_commit(and_then)

    assert [event.data["number"] for event in Event.objects.order_by("offset")] == [1, 2]


def test_a_part_that_failed_takes_its_events_with_it(cast):
    with unit_of_work():
        publish(Happened(number=1), to=[everyone(cast.estate.pk)], actor=SYSTEM)
        try:
            with unit_of_work():
                publish(Happened(number=2), to=[everyone(cast.estate.pk)], actor=SYSTEM)
                raise ValueError
        except ValueError:
            pass

    assert [event.data["number"] for event in Event.objects.all()] == [1]


def test_events_are_written_inside_the_transaction(cast):
    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        with unit_of_work():
            publish(Happened(), to=[everyone(cast.estate.pk)], actor=SYSTEM)
        assert Event.objects.count() == 1
        raise Undo

    assert not Event.objects.exists()


def test_a_broker_that_fails_does_not_fail_the_author(cast, monkeypatch):
    def broken(*args: object) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr("realtime.publishing.broker.announce", broken)
    monkeypatch.setattr("core.background._send", broken)

    with unit_of_work():
        publish(Happened(), to=[everyone(cast.estate.pk)], actor=SYSTEM)
        enqueue_on_commit("notifications.sweep")

    assert Event.objects.count() == 1
