from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.background import queues, ticks
from core.clock import now
from emergency.models import AlertStep, TimelineEntry
from emergency.services import addressing, audiences
from emergency.services.sweeping import sweep
from notifications.models import Delivery
from tests.emergency.conftest import in_threads
from tests.support.background import run_task


def test_an_idle_sweep_is_one_query(cast, scene):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        sweep()
    assert len(queries) == 1


def test_a_watching_sweep_writes_nothing(cast, scene):
    scene.press()
    sweep()
    with CaptureQueriesContext(connection) as queries:
        sweep()
    assert len(queries) == 2
    assert all(query["sql"].lstrip().startswith("SELECT") for query in queries)


def test_the_ticks_are_planned(cast, scene):
    planned = {tick.name: tick.seconds for tick in ticks}
    assert planned["emergency.sweep"] <= 1
    assert planned["emergency.audit"] <= 10
    assert queues["emergency.sweep"] == queues["emergency.audit"] == "emergency"
    run_task("emergency.sweep")
    run_task("emergency.audit")


def test_a_crash_within_a_step_leaves_it_due_and_whole(cast, scene, monkeypatch):
    """Everything of a step is one transaction: killed before its commit, nothing of it exists."""
    scene.online(cast.gate)
    view = scene.press()
    with monkeypatch.context() as fault:

        def killed(*args, **kwargs):
            raise SystemExit("kill -9")

        fault.setattr("emergency.services.ladder.tell", killed)
        scene.clock.shift(timedelta(seconds=5))
        with pytest.raises(SystemExit):
            sweep()

    assert scene.texts(view.id) == []
    assert TimelineEntry.objects.of(cast.estate).filter(kind="step").count() == 1
    assert AlertStep.objects.across_estates().get(order=1).state == "pending"
    sweep()
    sweep()
    assert scene.texts(view.id) == ["Gate", "Sule"]
    assert scene.lane().count("emergency.alert.escalated") == 1


def test_a_crash_between_commit_and_send_texts_once(cast, scene, background):
    scene.online(cast.gate)
    view = scene.press()
    background.hold()
    scene.forward(5)
    background.lose()
    background.release()
    rows = Delivery.objects.across_estates().filter(subject_id=view.id, channel="sms")
    assert {row.state for row in rows} == {"intended"}

    run_task("notifications.sweep")
    run_task("notifications.sweep")
    assert {(row.state, row.attempt) for row in rows.all()} == {("sent", 1)}
    assert rows.count() == 2


def test_a_step_that_fails_holds_up_no_other(cast, scene, monkeypatch):
    view = scene.press()
    taken = audiences.recipients_of

    def poisoned(alert, audience):
        if "contacts" in audience:
            raise ValueError("a fault in our code")
        return taken(alert, audience)

    with monkeypatch.context() as fault:
        fault.setattr(addressing, "recipients_of", poisoned)
        scene.forward(61)
        assert scene.texts(view.id, "4.0") == ["Chief", "Gate", "Sule"]
        assert scene.texts(view.id, "5.0") == ["Musa"]
        assert scene.texts(view.id, "2.0") == []
    scene.forward(0.5)
    assert scene.texts(view.id, "2.0") == ["Chief", "Gate", "Sule"]


def test_two_sweepers_at_once_take_a_step_once(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    scene.clock.shift(timedelta(seconds=5))

    assert in_threads(6, lambda index: sweep()) == [None] * 6
    sweep()
    assert scene.texts(view.id) == ["Gate", "Sule"]
    assert scene.lane().count("emergency.alert.escalated") == 1
    assert TimelineEntry.objects.of(cast.estate).filter(kind="step").count() == 2


def _call(works, index):
    return works[index]()


def test_acknowledging_while_the_sweeper_is_at_it_ends_one_way_or_the_other(cast, scene):
    for person in (cast.ada, cast.bola, cast.kid):
        scene.online(cast.gate)
        view = scene.press(person)
        scene.clock.shift(timedelta(seconds=5))
        works = [sweep, partial(scene.acknowledge, cast.gate, view.id), sweep]
        answers = in_threads(3, partial(_call, works))

        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert scene.alert(view.id).state == "acknowledged"
        assert not AlertStep.objects.across_estates().filter(alert_id=view.id, state="pending").exists()
        versions = [
            event.data["alert"]["version"]
            for event in scene.events(f"estate.{cast.estate.pk}.emergency")
            if event.data["alert"]["id"] == str(view.id)
        ]
        assert versions == sorted(versions)


def test_missed_rounds_are_skipped(cast, scene):
    view = scene.press()
    scene.forward(60)
    scene.forward(1000, sweeping=False)
    before = len(scene.texts(view.id))
    scene.forward(0.5)

    assert len(scene.texts(view.id)) - before == 3 + 3 + 1
    pending = AlertStep.objects.across_estates().filter(state="pending")
    assert all(now() < row.due_at <= now() + timedelta(seconds=120) for row in pending)


def test_steps_are_taken_within_their_second(cast, scene):
    """The sweeper comes every half second: no step is later than that."""
    scene.press()
    for _ in range(140):
        scene.forward(0.5)
    for row in AlertStep.objects.across_estates().filter(state="done"):
        assert row.done_at is not None
        assert 0 <= (row.done_at - row.due_at).total_seconds() <= 0.5
