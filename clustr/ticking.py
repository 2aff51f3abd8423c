"""The emergency worker's own clock.

A tick of the beat comes through the broker: two processes more between an alert and its ladder, and either may be down.
So a worker of the emergency queue runs that queue's ticks itself, whatever the state of its connection to the broker;
the beat ticks for the rest. Several such workers tick side by side, which changes nothing: what is due stands in the
database and is claimed there.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import bootsteps
from django.db import close_old_connections

from core.background import Tick, functions, queues, ticks, wakers

#: Runs of one tick that may overlap: a sweep that waits for a slow provider must not hold up the next.
OVERLAPPING = 4

log = logging.getLogger(__name__)


def is_own(tick: Tick) -> bool:
    """Whether the worker ticks it for itself; the beat ticks the others."""
    return queues[tick.name] == "emergency"


class OwnClock(bootsteps.StartStopStep):
    """A part of the worker that starts before its connection to the broker, which may not be there."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stopping = threading.Event()
        self._wakes: dict[str, threading.Event] = {}
        self._pool = ThreadPoolExecutor(max_workers=OVERLAPPING * len(ticks), thread_name_prefix="tick")

    def include_if(self, worker: Any) -> bool:
        return "emergency" in worker.app.amqp.queues.consume_from

    def start(self, worker: Any) -> None:
        for tick in filter(is_own, ticks):
            wake = self._wakes[tick.name] = threading.Event()
            wakers[tick.name] = wake.set
            threading.Thread(target=self._keep, args=(tick,), name=f"clock {tick.name}", daemon=True).start()

    def stop(self, worker: Any) -> None:
        self._end()
        self._pool.shutdown(cancel_futures=True)

    def terminate(self, worker: Any) -> None:
        self._end()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _end(self) -> None:
        self._stopping.set()
        for name, wake in self._wakes.items():
            wakers.pop(name, None)
            wake.set()

    def _keep(self, tick: Tick) -> None:
        free = threading.BoundedSemaphore(OVERLAPPING)
        wake = self._wakes[tick.name]
        delay_s = 0.0
        while True:
            # Work that this process has made itself is looked at without waiting for the next tick.
            wake.wait(delay_s)
            if self._stopping.is_set():
                return
            wake.clear()
            delay_s = tick.seconds
            if not free.acquire(blocking=False):
                log.warning("%d runs of %s are under way; this one is left out", OVERLAPPING, tick.name)
                continue
            try:
                self._pool.submit(_run, tick.name).add_done_callback(lambda _: free.release())
            except RuntimeError:
                # The pool was shut down in this very moment.
                return


def _run(name: str) -> None:
    close_old_connections()
    try:
        functions[name]()
    except Exception:
        log.exception("%s failed; the next tick tries again", name)
    finally:
        close_old_connections()
