"""`python -m tests.support.sleepy_worker BROKER`: a worker with our consumer, and a task that takes its time."""

import sys
import time

from celery import Celery

from clustr import settings

app = Celery("sleepy")
app.conf.update(
    broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
    broker_connection_retry_on_startup=True,
    worker_consumer=settings.CELERY_WORKER_CONSUMER,
)


@app.task(name="sleep", acks_late=True)
def sleep(seconds: float) -> None:
    print("asleep", flush=True)
    time.sleep(seconds)
    print(f"slept {seconds:g} s", flush=True)


if __name__ == "__main__":
    app.conf.update(broker_url=sys.argv[1])
    app.worker_main(["worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"])
