"""The Celery application. The beat and the worker's clock only tick; what is due stands in the database."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")

app = Celery("clustr")
app.config_from_object("django.conf:settings", namespace="CELERY")
# In every thread: else tasks that a request enqueues go to an application of nobody's, on another broker.
app.set_default()


@setup_logging.connect
def _keep_django_logging(**kwargs: Any) -> None:
    """Celery would install handlers of its own; Django's settings already say how we log."""


@app.on_after_finalize.connect
def _configure(sender: Celery, **kwargs: Any) -> None:
    """Queues and ticks stand beside the tasks that declare them (`core.background`)."""
    import django

    django.setup()
    from clustr.ticking import OwnClock, is_own
    from core.background import queues, ticks

    sender.steps["worker"].add(OwnClock)
    sender.conf.task_routes = {name: {"queue": queue} for name, queue in queues.items()}
    sender.conf.beat_schedule = {
        tick.name: {
            "task": tick.name,
            "schedule": tick.seconds,
            # A tick that nobody took before the next one is worth nothing.
            "options": {"queue": queues[tick.name], "expires": max(1.0, tick.seconds)},
        }
        for tick in ticks
        if not is_own(tick)
    }
