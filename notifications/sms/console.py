"""The provider that needs no account: prints each text on one line and keeps it in a file. The default."""

import logging
import re
import sys
from datetime import datetime
from pathlib import Path
from threading import Lock

from core.clock import now
from core.ids import new_id
from notifications.sms.base import Accepted, Message, Report, SendResult, Sighting
from notifications.states import State

log = logging.getLogger(__name__)

_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class ConsoleProvider:
    """`outbox`: a file to which every text is added as one line; None for none."""

    name = "console"

    def __init__(self, outbox: Path | None = None) -> None:
        self._outbox = outbox
        self._lock = Lock()

    def send(self, message: Message) -> SendResult:
        # One line whatever the text holds: somebody's note must not be able to forge a second entry.
        body = _NOT_PRINTABLE.sub(" ", message.body)
        line = f"{now():%Y-%m-%dT%H:%M:%S%z} SMS to {message.to}: {body}"
        with self._lock:
            print(line, file=sys.stderr, flush=True)
            self._keep(line)
        return Accepted(provider_id=f"console-{new_id().hex}", state=State.SENT)

    def _keep(self, line: str) -> None:
        if self._outbox is None:
            return
        try:
            self._outbox.parent.mkdir(parents=True, exist_ok=True)
            with self._outbox.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            # It was printed, so it was sent: a full disk must not print it again every few seconds.
            log.warning("%s cannot be written: %s", self._outbox, error.strerror)

    def find(self, message: Message, *, since: datetime) -> list[Sighting]:
        """Nothing: a line that may not have been printed is printed again."""
        return []

    def fetch(self, provider_id: str) -> Report | None:
        return None
