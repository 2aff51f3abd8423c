"""An import's states, and which follows which."""

from enum import StrEnum


class State(StrEnum):
    """`checking` and `importing` are at work; `done`, `failed` and `discarded` are the end."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


#: Where each state may come from.
REACHED_FROM: dict[State, tuple[State, ...]] = {
    State.CHECKING: (),
    # From the import itself, where a row turned out not to be good any more.
    State.CHECKED: (State.CHECKING, State.IMPORTING),
    State.IMPORTING: (State.CHECKED,),
    State.DONE: (State.IMPORTING,),
    State.FAILED: (State.CHECKING, State.IMPORTING),
    State.DISCARDED: (State.CHECKED,),
}
AT_WORK = (State.CHECKING, State.IMPORTING)
OPEN = (*AT_WORK, State.CHECKED)
