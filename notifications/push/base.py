"""What a push provider does for us. It answers in the same words as one for SMS."""

from dataclasses import dataclass
from typing import Final, Protocol

from core.shapes import View
from notifications.sms.base import SendResult

#: `error_code` of a browser that its push service no longer knows.
GONE: Final = "gone"


class Notice(View):
    """What a browser's service worker shows. The whole of it is encrypted for that browser.

    `tag`: notices with the same one take each other's place on the screen. `is_loud`: it calls for somebody; otherwise
    it only says how things stand. `page`: where a tap leads; `link`: where it leads who is signed out, null where there
    is no such way. `receipt`: with this the browser says that it has it. `at`: milliseconds since 1970.
    """

    tag: str
    title: str
    text: str
    page: str
    at: int
    is_loud: bool
    link: str | None = None
    receipt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushMessage:
    """One message to one browser. `content`: JSON of a `Notice`, at most 3993 bytes. `topic`: an undelivered message
    with the same one is replaced by it (RFC 8030, 5.4). `ttl_s`: the push service forgets it after this time.
    """

    endpoint: str
    p256dh: str
    auth: str
    content: bytes
    topic: str
    ttl_s: int
    is_urgent: bool


class PushProvider(Protocol):
    """A way to wake browsers. Used from several threads at once; never touches the database."""

    name: str

    def send(self, message: PushMessage) -> SendResult:
        """Hand the message over. Never raises for what the network or the push service does. Refuses with the code
        `GONE` a browser that is not there any more.
        """
        ...
