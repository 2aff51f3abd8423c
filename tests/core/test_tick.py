"""The emergency worker's own clock."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from clustr import ticking
from clustr.celery import app
from clustr.ticking import OVERLAPPING, OwnClock
from core import background
from core.background import Tick, queues, ticks

TICK = Tick("test.tick", 0.01)


def worker_of(*names: str) -> Any:
    """As much of a worker as the clock looks at."""
    return SimpleNamespace(
        app=SimpleNamespace(amqp=SimpleNamespace(queues=SimpleNamespace(consume_from=names)))
    )


#: The process's own, which the tests' stand-in replaces (tests/conftest.py).
_send = background._send


@pytest.fixture
def clock(monkeypatch) -> Iterator[OwnClock]:
    monkeypatch.setattr(ticking, "ticks", [TICK])
    monkeypatch.setattr(ticking, "queues", {TICK.name: "emergency"})
    monkeypatch.setattr(ticking, "close_old_connections", lambda: None)
    clock = OwnClock(worker_of("emergency"))
    yield clock
    clock.stop(None)


def test_it_goes_on_ticking_whatever_a_run_ends_in(clock, monkeypatch):
    runs = iter(range(100))
    enough = threading.Event()

    def run() -> None:
        if next(runs) == 5:
            enough.set()
        raise RuntimeError("this run failed")

    monkeypatch.setattr(ticking, "functions", {TICK.name: run})
    clock.start(None)
    assert enough.wait(5)


def test_slow_runs_overlap_up_to_a_limit(clock, monkeypatch, caplog):
    under_way = threading.Semaphore(0)
    may_end = threading.Event()

    def run() -> None:
        under_way.release()
        may_end.wait(10)

    monkeypatch.setattr(ticking, "functions", {TICK.name: run})
    clock.start(None)
    for _ in range(OVERLAPPING):
        assert under_way.acquire(timeout=5)
    assert not under_way.acquire(timeout=0.2)
    may_end.set()
    assert under_way.acquire(timeout=5)
    assert "left out" in caplog.text


def test_work_that_the_process_made_itself_is_looked_at_at_once(clock, monkeypatch):
    slow = Tick(TICK.name, 60.0)
    ran = threading.Semaphore(0)
    monkeypatch.setattr(ticking, "ticks", [slow])
    monkeypatch.setattr(ticking, "functions", {TICK.name: ran.release})
    monkeypatch.setitem(background.swept_by, "test.deliver", TICK.name)
    monkeypatch.setattr(background, "_handover", SimpleNamespace(put=lambda *_: None))
    clock.start(None)
    assert ran.acquire(timeout=5)

    _send("test.deliver", {})

    assert ran.acquire(timeout=5)
    clock.stop(None)
    assert TICK.name not in background.wakers


def test_only_a_worker_of_the_emergency_queue_has_it():
    assert OwnClock(worker_of("emergency", "default")).include_if(worker_of("emergency", "default"))
    assert not OwnClock(worker_of("default")).include_if(worker_of("default"))


def test_every_tick_is_either_the_clocks_or_the_beats():
    app.finalize()
    beats = set(app.conf.beat_schedule)
    assert beats == {tick.name for tick in ticks if queues[tick.name] == "default"}
    assert OwnClock in app.steps["worker"]
