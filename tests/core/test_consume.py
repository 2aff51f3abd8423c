"""The worker's consumer lives on, however its connection to the broker broke."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery.utils.imports import symbol_by_name
from celery.worker import consumer as celerys

from clustr.celery import app
from clustr.consuming import Consumer


class BrokenConnection:
    """Breaks once more while it is closed, as kombu's does where Redis went away in the middle of a delivery."""

    connection_errors = (ConnectionError,)
    channel_errors = ()
    transport = SimpleNamespace()

    def collect(self, **_: Any) -> None: ...

    def close(self) -> None:
        raise AttributeError("'NoneType' object has no attribute 'hostname'")


def connected(kind: type[celerys.Consumer]) -> Any:
    """A consumer that is not started, but for its connection."""
    made: Any = kind.__new__(kind)
    made.connection, made.app = BrokenConnection(), app
    return made


def test_workers_consume_with_ours() -> None:
    assert symbol_by_name(app.conf.worker_consumer) is Consumer


def test_a_connection_that_cannot_be_closed_is_put_away() -> None:
    with pytest.raises(AttributeError):
        connected(celerys.Consumer).on_connection_error_after_connected(ConnectionError())

    ours = connected(Consumer)
    ours.on_connection_error_after_connected(ConnectionError())

    assert ours.connection is None
