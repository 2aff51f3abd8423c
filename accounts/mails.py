"""Mail. Nothing here knows how one is sent: whoever does registers."""

from collections.abc import Callable

#: Sends a mail to an address, with a subject, as text and, where that is not empty, as HTML; whether it was taken.
Sender = Callable[[str, str, str, str], bool]

_senders: list[Sender] = []


def sends_mails(sender: Sender) -> Sender:
    """Register who sends mails: `notifications`, of which nothing is imported here."""
    _senders.append(sender)
    return sender


def send_mail(to: str, subject: str, text: str, html: str = "") -> bool:
    """Mail it; whether it is on its way. Never raises for what the address or the mail server does.

    Waits for the server, some seconds at worst: not inside a unit of work.
    """
    return any(send(to, subject, text, html) for send in _senders)
