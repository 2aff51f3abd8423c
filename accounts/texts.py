"""Text messages that somebody is waiting for, such as one-time codes. Nothing here knows how a text is sent: whoever
does registers.
"""

from collections.abc import Callable

#: Sends a text to a number in E.164, worth nothing after so many seconds; whether the provider took it.
Sender = Callable[[str, str, int], bool]

_senders: list[Sender] = []


def sends_texts(sender: Sender) -> Sender:
    """Register who sends texts: `notifications`, of which nothing is imported here."""
    _senders.append(sender)
    return sender


def send_text(phone: str, body: str, *, valid_s: int) -> bool:
    """Text it; whether it is on its way. `valid_s`: seconds after which it is worth nothing and is not sent."""
    return any(send(phone, body, valid_s) for send in _senders)


def send_code(phone: str, code: str, *, valid_s: int) -> bool:
    """Text a code; whether it is on its way."""
    minutes = valid_s // 60
    body = f"ClustR: {code} is your code for {minutes} minutes. Give it to nobody: we never ask for it."
    return send_text(phone, body, valid_s=valid_s)
