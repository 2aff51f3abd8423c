"""Tasks reach the broker from a thread of their own: whoever has committed waits for nobody."""

import subprocess
import sys
import threading

import pytest

from core import background
from core.background import WAITING_AT_MOST, _Handover
from tests.support.processes import ROOT


class Broker:
    """Takes tasks when it may. The first one can be made to fail."""

    def __init__(self, *, fails: int = 0) -> None:
        self.taken: list[str] = []
        self.may_take = threading.Event()
        self.has_all = threading.Event()
        self.fails = fails

    def send_task(self, name: str, **options: object) -> None:
        self.may_take.wait(10)
        if self.fails:
            self.fails -= 1
            raise ConnectionError("down")
        self.taken.append(name)
        if name == "last":
            self.has_all.set()


@pytest.fixture
def broker(monkeypatch) -> Broker:
    stand_in = Broker()
    monkeypatch.setattr(background, "current_app", stand_in)
    monkeypatch.setattr(background, "queues", dict.fromkeys(["first", "last"], "default"))
    return stand_in


def test_a_broker_that_hangs_holds_nobody_up(broker):
    handover = _Handover()
    handover.put("first", {})
    handover.put("last", {})
    assert broker.taken == []
    broker.may_take.set()
    assert broker.has_all.wait(5)
    assert broker.taken == ["first", "last"]


def test_a_task_that_fails_does_not_keep_the_next(broker):
    broker.fails = 1
    broker.may_take.set()
    handover = _Handover()
    handover.put("first", {})
    handover.put("last", {})
    assert broker.has_all.wait(5)
    assert broker.taken == ["last"]


def test_more_than_can_wait_is_left_to_the_sweep(broker, caplog):
    handover = _Handover()
    for _ in range(WAITING_AT_MOST + 2):
        handover.put("first", {})
    broker.may_take.set()
    assert "a sweep will find its work" in caplog.text


@pytest.mark.once
def test_whichever_server_it_is_tasks_go_to_our_own_broker():
    """Celery keeps its application per thread: any other thread would get nobody's, on another broker."""
    ask = "from celery import current_app; t = threading.Thread(target=lambda: print(current_app.main))"
    for module in ("clustr.wsgi", "clustr.asgi"):
        said = subprocess.run(
            [sys.executable, "-c", f"import threading, {module}; {ask}; t.start(); t.join()"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == "clustr", module
