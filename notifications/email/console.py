"""The provider that needs no account: prints each mail on one line and keeps it in a file. The default."""

from pathlib import Path

from core.ids import new_id
from notifications.email.base import Mail, MailResult
from notifications.printout import Printout
from notifications.sms.base import Accepted
from notifications.states import State


class ConsoleProvider:
    """`outbox`: a file to which every mail's text is added as one line; None for none."""

    name = "console"

    def __init__(self, outbox: Path | None = None) -> None:
        self._printout = Printout(outbox)

    def send(self, mail: Mail) -> MailResult:
        self._printout.add(f"Mail to {mail.to}: {mail.subject} | {mail.text}")
        return Accepted(provider_id=f"console-{new_id().hex}", state=State.SENT)
