"""When to come back after a break, and when not to."""

import random
from collections.abc import Callable
from enum import Enum

RESTART = 4000
SLOW_CONSUMER = 4008
HEARTBEAT_LOST = 4009
UNAUTHENTICATED = 4501
REVOKED = 4503
BAD_FRAME = 4504


class After(Enum):
    """What a close code asks for."""

    WAIT = "come back, after a while"
    NEW_TOKEN = "come back at once, with a new connection token"  # noqa: S105 (a sentence)
    STOP = "do not come back"


def after_close(code: int | None, *, was_resuming: bool) -> After:
    """`code`: None where the line broke without one. `was_resuming`: the socket was opened with a resume token."""
    if code is None or not 4500 <= code <= 4999:
        return After.WAIT
    if code == UNAUTHENTICATED and was_resuming:
        return After.NEW_TOKEN
    return After.STOP


class Backoff:
    """How long to wait: doubling, with jitter, so that a thousand tablets do not come back in the same instant.

    `first_s`, `most_s`: seconds. `chance`: a number from 0 to 1, drawn anew each time.
    """

    def __init__(
        self, first_s: float = 0.5, most_s: float = 15.0, *, chance: Callable[[], float] = random.random
    ) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._chance = chance
        self._tries = 0

    def next(self) -> float:
        """Seconds: between half of the present ceiling and all of it."""
        # The exponent is bounded: a night without network must not end in an overflow.
        ceiling = min(self._most_s, self._first_s * 2 ** min(self._tries, 30))
        self._tries += 1
        return float(ceiling * (0.5 + self._chance() / 2))

    def reset(self) -> None:
        """From the start again."""
        self._tries = 0
