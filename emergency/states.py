"""Which state follows which. Every change of an alert's state goes through this table."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an alert stands."""

    COUNTDOWN = "countdown"
    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    RESPONDING = "responding"
    ON_SCENE = "on_scene"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ResponderState(StrEnum):
    """How far one responder is."""

    ACKNOWLEDGED = "acknowledged"
    RESPONDING = "responding"
    ON_SCENE = "on_scene"


class Action(StrEnum):
    """What can be done to an alert."""

    ACTIVATE = "activate"
    CANCEL = "cancel"
    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"
    ARRIVE = "arrive"
    RESOLVE = "resolve"
    CLOSE = "close"


#: What is not here cannot happen. The alert's own state is that of the responder who is furthest: it never goes back.
TRANSITIONS: Final[dict[tuple[State, Action], State]] = {
    (State.COUNTDOWN, Action.ACTIVATE): State.ACTIVE,
    (State.COUNTDOWN, Action.CANCEL): State.CANCELLED,
    (State.ACTIVE, Action.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Action.RESPOND): State.RESPONDING,
    (State.ACKNOWLEDGED, Action.ARRIVE): State.ON_SCENE,
    (State.RESPONDING, Action.ARRIVE): State.ON_SCENE,
    (State.ACKNOWLEDGED, Action.RESOLVE): State.RESOLVED,
    (State.RESPONDING, Action.RESOLVE): State.RESOLVED,
    (State.ON_SCENE, Action.RESOLVE): State.RESOLVED,
    (State.RESOLVED, Action.CLOSE): State.CLOSED,
}

#: The person may still be in danger.
OPEN: Final = (State.COUNTDOWN, State.ACTIVE, State.ACKNOWLEDGED, State.RESPONDING, State.ON_SCENE)
#: Somebody has it.
TAKEN: Final = (State.ACKNOWLEDGED, State.RESPONDING, State.ON_SCENE)
#: Nobody is in danger any more, as far as anybody knows.
OVER: Final = (State.RESOLVED, State.CLOSED, State.CANCELLED)
#: Somebody reads what is said about it: until it is closed.
SPOKEN_OF: Final = (State.ACTIVE, *TAKEN, State.RESOLVED)


def leads_to(state: State, action: Action) -> State | None:
    """The state after `action`, or None where it is not possible."""
    return TRANSITIONS.get((state, action))
