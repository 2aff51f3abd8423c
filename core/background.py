"""Work outside the request: tasks by name, enqueued when the transaction has committed, ticks from the beat."""

import logging
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from celery import current_app, shared_task
from django.db import transaction

Queue = Literal["emergency", "default"]

#: Tasks that may wait to be handed to the broker.
WAITING_AT_MOST = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the beat schedule. `seconds`: period."""

    name: str
    seconds: float


#: Every task's queue, by the task's name.
queues: dict[str, Queue] = {}
#: Every task's function, for those that call it in place (tests, commands).
functions: dict[str, Callable[..., Any]] = {}
ticks: list[Tick] = []
#: The tick whose sweep finds what a task was enqueued for, by the task's name.
swept_by: dict[str, str] = {}
#: What makes a tick of this process come at once, by the tick's name. Where a process runs ticks itself, work that it
#: makes is looked at without the detour through the broker, which may be down.
wakers: dict[str, Callable[[], None]] = {}


def task(
    name: str, *, queue: Queue = "default", sweep: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a background function under `app.verb`. Arguments are keywords and JSON-able; ids travel as text.

    `sweep`: the tick that finds the same work where the message is lost.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        queues[name] = queue
        functions[name] = function
        if sweep is not None:
            swept_by[name] = sweep
        # Late acknowledgement: a worker that is killed leaves the message, and another one takes it. Tasks are
        # therefore written to be run twice.
        shared_task(name=name, acks_late=True, ignore_result=True)(function)
        return function

    return register


def every(*, seconds: float, name: str) -> None:
    """Let the beat send task `name` every `seconds`. A tick that was not taken before the next one is dropped."""
    ticks.append(Tick(name=name, seconds=seconds))


def enqueue_on_commit(name: str, **arguments: Any) -> None:
    """Send task `name` once the running transaction has committed (at once where none runs).

    A broker that is down or hangs must not turn a committed fact into an error, or make its author wait: whatever is
    enqueued here is also found by a sweep, so it is handed over from another thread, and a failure is logged.
    """
    # Not a partial: where it fails, Django asks a robust hook for its name, which a partial does not have.
    transaction.on_commit(lambda: _send(name, arguments), robust=True)


def _send(name: str, arguments: dict[str, Any]) -> None:
    wake = wakers.get(swept_by.get(name, ""))
    if wake is not None:
        wake()
    _handover.put(name, arguments)


class _Handover:
    """Gives tasks to the broker in a thread of its own: one that hangs must not hold up whoever has just committed."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue(WAITING_AT_MOST)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        # A child process would have the queue, but not the thread.
        os.register_at_fork(after_in_child=self._forget)

    def put(self, name: str, arguments: dict[str, Any]) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="handover", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait((name, arguments))
        except queue.Full:
            log.warning(
                "Task %s was not handed to the broker, which is behind; a sweep will find its work", name
            )

    def _forget(self) -> None:
        self._waiting = queue.Queue(WAITING_AT_MOST)
        self._thread = None
        self._lock = threading.Lock()

    def _work(self) -> None:
        while True:
            name, arguments = self._waiting.get()
            try:
                current_app.send_task(name, kwargs=arguments, queue=queues[name], retry=False)
            except Exception as error:
                log.warning(
                    "Task %s was not handed to the broker (%r); a sweep will find its work", name, error
                )


_handover = _Handover()
