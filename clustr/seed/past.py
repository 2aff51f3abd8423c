"""Lets things happen in the past."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within the block it is `moment` for everything that asks `core.clock`. For a process that serves nobody yet."""
    with patch.object(timezone, "now", return_value=moment):
        yield
