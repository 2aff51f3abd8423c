"""What a mail provider does for us, and every way in which it can answer."""

from dataclasses import dataclass
from typing import Protocol

from notifications.sms.base import Accepted, Ambiguous, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one address. `subject`: on one line. `text`: always; `html`: the same for those who can show it."""

    to: str
    subject: str
    text: str
    html: str = ""


MailResult = Accepted | Refused | Ambiguous


class Provider(Protocol):
    """A way to send mail. Used from several threads at once; never touches the database."""

    name: str

    def send(self, mail: Mail) -> MailResult:
        """Hand the mail over. Never raises for what the network or the provider does."""
        ...
