"""What is said on the telephone about a subject, and what a key means. Each subject registers: none is known here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from notifications.models import Delivery


@dataclass(frozen=True, slots=True)
class Speech:
    """`words`: sentences, as a voice reads them. `asks`: said twice, and a key is waited for."""

    words: str
    asks: bool = False


class Conversation(Protocol):
    """Calls about one subject. The delivery is the call: its member has the telephone in his hand, or somebody else."""

    def opening(self, call: Delivery) -> Speech:
        """Somebody, or something, has picked it up. Changes nothing."""
        ...

    def one_pressed(self, call: Delivery) -> Speech:
        """Key 1 was pressed. Twice is as good as once."""
        ...

    def message(self, call: Delivery) -> Speech:
        """What a machine is told, after its greeting."""
        ...


_conversations: dict[str, Conversation] = {}


def speaks_about(subject: str) -> Callable[[type[Conversation]], type[Conversation]]:
    """Register who speaks about the deliveries of this subject."""

    def register(kind: type[Conversation]) -> type[Conversation]:
        _conversations[subject] = kind()
        return kind

    return register


def conversation_about(subject: str) -> Conversation | None:
    return _conversations.get(subject)
