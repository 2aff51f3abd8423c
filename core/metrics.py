"""Counters and gauges, in Prometheus's words. Features make theirs here so that names keep one prefix."""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram


def counter(name: str, documentation: str, labels: Sequence[str] = ()) -> Counter:
    return Counter(f"clustr_{name}", documentation, labels)


def gauge(name: str, documentation: str, labels: Sequence[str] = ()) -> Gauge:
    return Gauge(f"clustr_{name}", documentation, labels)


def histogram(name: str, documentation: str, labels: Sequence[str] = ()) -> Histogram:
    return Histogram(f"clustr_{name}", documentation, labels)
