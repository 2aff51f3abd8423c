"""The provider that needs no account: prints each call on one line and keeps it in a file. The default."""

from datetime import datetime
from pathlib import Path

from core.ids import new_id
from notifications.printout import Printout
from notifications.sms.base import Accepted, Report, SendResult, Sighting
from notifications.states import State
from notifications.voice.base import Call


class ConsoleProvider:
    """`outbox`: a file to which every call is added as one line; None for none. Nobody answers."""

    name = "console"

    def __init__(self, outbox: Path | None = None) -> None:
        self._printout = Printout(outbox)

    def place(self, call: Call) -> SendResult:
        self._printout.add(f"Call to {call.to}: {call.words}")
        return Accepted(provider_id=f"console-{new_id().hex}", state=State.SENT)

    def find(self, call: Call, *, since: datetime) -> list[Sighting]:
        """Nothing: a line that may not have been printed is printed again."""
        return []

    def fetch(self, provider_id: str) -> Report | None:
        return None

    def hang_up(self, provider_id: str) -> Report | None:
        return None
