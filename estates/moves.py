"""Somebody moves in or out: other features react in the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from core.actors import Actor
from estates.models import Occupancy


@dataclass(frozen=True, slots=True)
class Move:
    """`is_in`: an occupancy was begun; else its end was set, which may still be to come."""

    occupancy: Occupancy
    actor: Actor
    is_in: bool


Reaction = Callable[[Move], None]

reactions: list[Reaction] = []


def on_move(function: Reaction) -> Reaction:
    """Register what else happens with a move, in a feature's `reactions.py`. What it raises undoes the move."""
    reactions.append(function)
    return function


def react(move: Move) -> None:
    """Tell the features. Called within the unit of work that moves."""
    for reaction in reactions:
        reaction(move)
