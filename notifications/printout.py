"""What the providers that need no account do: print one line for each message, and keep it in a file."""

import logging
import re
import sys
from pathlib import Path
from threading import Lock

from core.clock import now

log = logging.getLogger(__name__)

_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Printout:
    """`outbox`: a file to which every line is added; None for none."""

    def __init__(self, outbox: Path | None = None) -> None:
        self._outbox = outbox
        self._lock = Lock()

    def add(self, text: str) -> None:
        """One line whatever the text holds: somebody's note must not be able to forge a second entry."""
        line = f"{now():%Y-%m-%dT%H:%M:%S%z} {_NOT_PRINTABLE.sub(' ', text)}"
        with self._lock:
            print(line, file=sys.stderr, flush=True)
            self._keep(line)

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
