"""The Celery workers and the beat of an embedded ClustR, as threads of the server's process.

The same tasks, queues and schedule as in production; only the broker is memory and nothing is a process of its own.
Whatever is still queued at the end is lost with the memory, which is why no fact lives in a queue: sweeps find the work
again in the database at the next start.
"""

import logging
import threading
import time
from typing import Any

from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import WorkController, state

#: Threads per queue. Emergency texts go out side by side: one slow provider call must not hold up the next.
LANES = {"emergency": 4, "default": 2}
START_TIMEOUT_S = 15.0
#: How often an idle worker looks whether it should stop, and confirms what its threads have finished.
LOOK_S = 0.2
#: celery.bootsteps.RUN
RUNNING = 0x1

log = logging.getLogger(__name__)


class Background:
    """Starts the workers and the beat, and stops them: first the ticks, then the workers, each after its last task."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._threads: list[threading.Thread] = []
        self._beat: Service | None = None

    def start(self) -> None:
        # No remote control: its mailbox would be polled for nothing, and nobody can reach it in this process.
        self._app.conf.worker_enable_remote_control = False
        self._app.finalize()
        self._app.set_default()
        for queue, threads in LANES.items():
            self._start_worker(queue, threads)
        self._start_beat()

    def stop(self, timeout_s: float) -> bool:
        """Stop taking work and wait for what is under way, at most `timeout_s` seconds. Returns whether all ended."""
        if self._beat is not None:
            self._beat.stop()
        # Not None is the sign; 0 is the exit code that it carries.
        state.should_stop = 0  # type: ignore[assignment]
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        busy = [thread.name for thread in self._threads if thread.is_alive()]
        if busy:
            log.warning("Left behind, still busy: %s", ", ".join(busy))
        return not busy

    def _start_worker(self, queue: str, threads: int) -> None:
        ready = threading.Event()
        worker: Any = WorkController(
            app=self._app,
            queues=[queue],
            hostname=f"{queue}@embedded",
            pool="threads",
            concurrency=threads,
            # Take whatever comes: nobody else could, and a limit would make finished tasks wait to be confirmed.
            prefetch_multiplier=0,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            ready_callback=lambda *_: ready.set(),
        )
        worker.consumer.loop = _take_tasks
        self._run(f"worker-{queue}", worker.start)
        # One after the other: which queues a consumer takes is a choice of the app, read when the consumer starts.
        if not ready.wait(START_TIMEOUT_S):
            raise RuntimeError(f"The worker for queue {queue} did not start within {START_TIMEOUT_S:.0f} s")

    def _start_beat(self) -> None:
        # Not the scheduler that keeps a file: every tick is periodic and due soon after the start anyway.
        self._beat = Service(self._app, max_interval=1, scheduler_cls=Scheduler)
        self._run("beat", self._beat.start)

    def _run(self, name: str, target: Any) -> None:
        # Daemon threads: one that does not end may not keep the process from ending.
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()


def _take_tasks(obj: Any, connection: Any, consumer: Any, blueprint: Any, *_: Any, **__: Any) -> None:
    """A worker's loop. Celery's own for such brokers looks up only every two seconds."""
    consumer.on_message = obj.create_task_handler()
    consumer.consume()
    obj.on_ready()
    while blueprint.state == RUNNING:
        state.maybe_shutdown()
        obj.perform_pending_operations()
        try:
            connection.drain_events(timeout=LOOK_S)
        except TimeoutError:
            continue
