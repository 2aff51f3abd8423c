"""What a call to the fake Twilio can meet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accept:
    """201. `is_listed` False: the list does not show the message yet."""

    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class AcceptThenHang:
    """The message is made, but the answer never comes."""

    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class AcceptThenDrop:
    """The message is made, then the connection closes without an answer."""

    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class AcceptThenFail:
    """The message is made, but the answer is an error."""

    status: int = 500


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing is made and no answer comes."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing is made and the connection closes."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Nothing is made; a 5xx is the answer."""

    status: int = 503


@dataclass(frozen=True, slots=True)
class Throttle:
    """429, with or without `Retry-After` (seconds)."""

    retry_after: int | None = 1


@dataclass(frozen=True, slots=True)
class Refuse:
    """A 4xx with one of Twilio's codes."""

    code: int
    status: int = 400


@dataclass(frozen=True, slots=True)
class Gibberish:
    """200 from something in between that is not Twilio."""

    body: str = "<html>Welcome to the hotel's network</html>"


Behaviour = (
    Accept
    | AcceptThenHang
    | AcceptThenDrop
    | AcceptThenFail
    | Hang
    | Drop
    | Fail
    | Throttle
    | Refuse
    | Gibberish
)
