"""Close codes. 4000-4499: come back with jittered backoff. 4500-4999: do not."""

from enum import IntEnum
from typing import Self


class CloseCode(IntEnum):
    """`meaning`: when the server closes with it, and what the client does then."""

    meaning: str

    def __new__(cls, code: int, meaning: str = "") -> Self:
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    RESTART = 4000, "the server stops or could not go on: another one will serve you"
    SLOW_CONSUMER = 4008, "too much is waiting for you: come back and resume"
    HEARTBEAT_LOST = 4009, "no sign of life from you"
    TOO_MANY_FRAMES = 4010, "you kept sending far over the limit"
    UNAUTHENTICATED = 4501, "no `connect` in time, or a token that is not valid: get a new token"
    REVOKED = 4503, "your sign-in or your membership ended, or you have fewer roles than before: sign in anew"
    BAD_FRAME = (
        4504,
        "not the protocol: binary, not JSON, too long, unknown `type`, a second `connect`",
    )

    @property
    def comes_back(self) -> bool:
        """Whether the client comes back by itself."""
        return self < 4500
