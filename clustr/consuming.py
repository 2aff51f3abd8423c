"""A worker's consumer of tasks that outlives a broken connection to the broker, however it broke.

Celery closes the broken connection before it makes a new one. Where Redis goes away in the middle of a delivery,
closing it fails with an error that neither Celery nor kombu expects, and the worker would end: with it the emergency's
clock.
"""

import logging

from celery.worker import consumer

log = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Put the broken connection away; a new one is made after that in any case."""
        try:
            super().on_connection_error_after_connected(exc)
        except Exception as error:
            # Nothing is lost by it: what was not acknowledged comes again, and what is due stands in the database.
            log.warning("The broken connection to the broker could not be closed in good order (%r)", error)
