"""What an SMS provider does for us, and every way in which it can answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from notifications.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One text to one number. `validity_s`: the provider gives up when it could not hand it on within this time."""

    delivery_id: UUID
    to: str
    body: str
    validity_s: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it. `state`: `SENT` from one that will never say more."""

    provider_id: str
    state: Literal[State.ACCEPTED, State.SENT] = State.ACCEPTED


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider surely did not take it. `permanent`: trying again would end the same way."""

    code: str
    permanent: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too fast; surely not taken. `retry_after`: seconds to wait."""

    retry_after: float
    code: str = "429"


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The call ended without an answer that says whether the message exists."""

    detail: str = ""


SendResult = Accepted | Refused | Throttled | Ambiguous


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a provider says about one message, asked or unasked.

    `state`: ACCEPTED, SENT, DELIVERED or FAILED. For FAILED, `permanent` says that the same text to the same number
    would fail again. `detail`: the reason in words, where the provider's code says it.
    """

    provider_id: str
    state: State
    code: str = ""
    permanent: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A message found at the provider."""

    report: Report
    created_at: datetime | None


class ProviderSilent(Exception):
    """The provider could not be asked, or did not answer the question."""


class Provider(Protocol):
    """A way to send SMS. Used from several threads at once; never touches the database."""

    name: str

    def send(self, message: Message) -> SendResult:
        """Hand the message over. Never raises for what the network or the provider does."""
        ...

    def find(self, message: Message, *, since: datetime) -> list[Sighting]:
        """Messages with this number and text made since then, oldest first. Raises `ProviderSilent`."""
        ...

    def fetch(self, provider_id: str) -> Report | None:
        """The present state of a message; None if there is no such message. Raises `ProviderSilent`."""
        ...
