"""The provider that needs no account: prints each text on one line and keeps it in a file. The default."""

from datetime import datetime
from pathlib import Path

from core.ids import new_id
from notifications.printout import Printout
from notifications.sms.base import Accepted, Message, Report, SendResult, Sighting
from notifications.states import State


class ConsoleProvider:
    """`outbox`: a file to which every text is added as one line; None for none."""

    name = "console"

    def __init__(self, outbox: Path | None = None) -> None:
        self._printout = Printout(outbox)

    def send(self, message: Message) -> SendResult:
        self._printout.add(f"SMS to {message.to}: {message.body}")
        return Accepted(provider_id=f"console-{new_id().hex}", state=State.SENT)

    def find(self, message: Message, *, since: datetime) -> list[Sighting]:
        """Nothing: a line that may not have been printed is printed again."""
        return []

    def fetch(self, provider_id: str) -> Report | None:
        return None
