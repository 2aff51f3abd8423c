"""A worker's consumer of tasks that outlives a broken connection to the broker, whatever was under way.

Where Redis goes away while a task runs that is not acknowledged yet, kombu fails twice with an `AttributeError` that
Celery takes for a mistake in the program: when the broken connection is closed, and when the task is acknowledged
afterwards on a connection that is gone. Either would end the worker, and with it the emergency's clock.
"""

import logging
from typing import Any

from celery.worker import consumer

log = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # What cannot be acknowledged comes again: tasks are written for that.
        self.connection_errors: tuple[type[BaseException], ...] = (*self.connection_errors, AttributeError)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Put the broken connection away; a new one is made after that in any case."""
        try:
            super().on_connection_error_after_connected(exc)
        except Exception as error:
            log.warning("The broken connection to the broker could not be closed in good order (%r)", error)
