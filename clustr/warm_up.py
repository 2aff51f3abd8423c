"""What a server loads before it serves."""

from collections.abc import Iterable

from channels.layers import get_channel_layer
from django.urls import get_resolver


def warm_up() -> None:
    """Import what the first request, and the first event after it, would import: half a second, once.

    The first request after a restart may be an SOS, and the first socket is one of all tablets that come back together.
    """
    _load(get_resolver().url_patterns)
    get_channel_layer()


def _load(patterns: Iterable[object]) -> None:
    for pattern in patterns:
        _load(getattr(pattern, "url_patterns", []))
