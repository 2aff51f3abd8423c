"""What a provider of telephone calls does for us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from notifications.sms.base import Report, SendResult, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to one number. `words`: what is said first; a provider that asks us when it is answered does not need
    them.
    """

    delivery_id: UUID
    to: str
    words: str


class Provider(Protocol):
    """A way to call people. Used from several threads at once; never touches the database."""

    name: str

    def place(self, call: Call) -> SendResult:
        """Have the telephone ring. Never raises for what the network or the provider does."""
        ...

    def find(self, call: Call, *, since: datetime) -> list[Sighting]:
        """Calls to this number made since then, oldest first. Raises `ProviderSilent`."""
        ...

    def fetch(self, provider_id: str) -> Report | None:
        """The present state of a call; None if there is no such call. Raises `ProviderSilent`."""
        ...

    def hang_up(self, provider_id: str) -> Report | None:
        """Let it ring no longer; whoever has answered is not cut off. Answers how it stands; None where the provider
        has nothing to say about it. Raises `ProviderSilent`.
        """
        ...
