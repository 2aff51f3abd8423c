"""Where an estate can be reached: one address or several, tried in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class AnyDoor(Protocol):
    """`http`: the address of REST, without a slash at its end; `ws`: the address of the socket."""

    @property
    def http(self) -> str: ...
    @property
    def ws(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Door:
    """One server's two addresses."""

    http: str
    ws: str

    @classmethod
    def at(cls, url: str) -> "Door":
        """From a public address such as `https://estate.example`."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url!r} is no http(s) address")
        scheme = "wss" if parts.scheme == "https" else "ws"
        return cls(f"{parts.scheme}://{parts.netloc}", f"{scheme}://{parts.netloc}/ws/v1/")


class Doors:
    """A ring: the present one is used until it fails."""

    def __init__(self, doors: Sequence[AnyDoor | str]) -> None:
        if not doors:
            raise ValueError("at least one door is needed")
        self._doors: list[AnyDoor] = [Door.at(one) if isinstance(one, str) else one for one in doors]

    @property
    def present(self) -> AnyDoor:
        """The one to use now."""
        return self._doors[0]

    def __len__(self) -> int:
        return len(self._doors)

    def turn(self) -> None:
        """The present one failed: the next one's turn."""
        self._doors.append(self._doors.pop(0))
