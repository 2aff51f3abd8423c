"""What is counted. No label ever holds a number, a name or a text."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from core.metrics import counter, histogram

_deliveries = counter("deliveries_total", "Deliveries that reached a state", ["channel", "state"])
_problems = counter("provider_problems_total", "Answers of a provider other than yes", ["provider", "code"])
_seconds = histogram("provider_seconds", "Time of a call to a provider", ["provider", "call"])


def count(channel: str, state: str, number: int = 1) -> None:
    """`number` deliveries came to `state`."""
    if number:
        _deliveries.labels(channel=channel, state=state).inc(number)


def count_problem(provider: str, code: str) -> None:
    _problems.labels(provider=provider, code=code).inc()


@contextmanager
def timed(provider: str, call: str) -> Iterator[None]:
    """Measure a call to the provider, however it ends."""
    began = perf_counter()
    try:
        yield
    finally:
        _seconds.labels(provider=provider, call=call).observe(perf_counter() - began)
