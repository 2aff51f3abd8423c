"""The provider that needs no keys: prints each message on one line and keeps it in a file. The default."""

from pathlib import Path
from urllib.parse import urlsplit

from core.shapes import read_json
from notifications.printout import Printout
from notifications.push.base import Notice, PushMessage
from notifications.sms.base import Accepted, SendResult
from notifications.states import State


class ConsolePush:
    """`outbox`: a file to which every message is added as one line; None for none."""

    name = "console"

    def __init__(self, outbox: Path | None = None) -> None:
        self._printout = Printout(outbox)

    def send(self, message: PushMessage) -> SendResult:
        notice = read_json(message.content, Notice)
        # Not the whole address: who has it can send to the browser.
        host = urlsplit(message.endpoint).hostname
        self._printout.add(f"Push through {host}: {notice.title}: {notice.text}")
        return Accepted(provider_id="", state=State.SENT)
