"""What a client is told at once when it connects, replay or not."""

from collections.abc import Callable, Sequence
from typing import Any

from core.shapes import View
from estates.members import Member

#: For each of the members, in their order, what he is told.
Offer = Callable[[Sequence[Member]], list[list[Any]]]

_offers: dict[str, Offer] = {}
#: What the members of the welcome frame that are filled so are lists of.
shapes: dict[str, type[View]] = {}


def offers(name: str, shape: type[View]) -> Callable[[Offer], Offer]:
    """Register the function that fills the member `name` of the welcome frame with a list of `shape`.

    It is asked for many members at once, because many come back at once: so many queries for all, not for each.
    """

    def register(function: Offer) -> Offer:
        _offers[name] = function
        shapes[name] = shape
        return function

    return register


def offered(name: str, members: Sequence[Member]) -> list[list[Any]]:
    """What is offered to these members under `name`; nothing where no feature offers it."""
    function = _offers.get(name)
    return function(members) if function else [[] for _ in members]
