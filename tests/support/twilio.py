"""A Twilio that remembers: the part of its 2010 API that texts and calls need, on the loopback, in every bad mood.

    with FakeTwilio() as twilio:
        twilio.script("+2348030000001", Throttle(retry_after=2), Accept())
        ...
        twilio.phone("+2348030000001").expect_sms("SOS")

Only the wire is replaced: the product talks to it with Twilio's own client.
"""

import base64
import hashlib
import hmac
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tests.support.twilio_calls import FakeCall, Switchboard
from tests.support.twilio_moods import (
    Accept,
    AcceptThenDrop,
    AcceptThenFail,
    AcceptThenHang,
    Behaviour,
    Drop,
    Fail,
    Gibberish,
    Hang,
    Refuse,
    Throttle,
)
from tests.support.twilio_wire import PREFIX, Handler, Server

__all__ = [
    "Accept",
    "AcceptThenDrop",
    "AcceptThenFail",
    "AcceptThenHang",
    "Behaviour",
    "Call",
    "Callback",
    "Drop",
    "Fail",
    "FakeCall",
    "FakeMessage",
    "FakeTwilio",
    "Gibberish",
    "Hang",
    "Phone",
    "Refuse",
    "Throttle",
]

NAP_S = 0.02


@dataclass(slots=True)
class FakeMessage:
    """A message as Twilio keeps it."""

    sid: str
    account_sid: str
    fields: dict[str, str]
    status: str
    created_at: datetime
    error_code: int | None = None
    sent_at: datetime | None = None
    is_listed: bool = True

    @property
    def to(self) -> str:
        return self.fields["To"]

    @property
    def body(self) -> str:
        return self.fields["Body"]

    @property
    def status_callback(self) -> str:
        return self.fields.get("StatusCallback", "")

    def as_json(self) -> dict[str, Any]:
        uri = f"{PREFIX.format(account=self.account_sid)}/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created_at),
            "date_sent": format_datetime(self.sent_at) if self.sent_at else None,
            "date_updated": format_datetime(self.created_at),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": self.fields.get("From"),
            "messaging_service_sid": self.fields.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass(frozen=True, slots=True)
class Callback:
    """A status callback as Twilio would post it."""

    url: str
    params: dict[str, str]
    signature: str

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def body(self) -> bytes:
        return urlencode(self.params).encode()


@dataclass(slots=True)
class Call:
    """A request that arrived, for tests that look at the wire. `met`: what a text met."""

    method: str
    path: str
    fields: dict[str, str]
    met: "Behaviour | None" = None


@dataclass(slots=True)
class Phone:
    """A handset: every text that Twilio has for it, oldest first."""

    twilio: "FakeTwilio"
    number: str

    @property
    def texts(self) -> list[str]:
        return [message.body for message in self.messages]

    @property
    def messages(self) -> list[FakeMessage]:
        return [message for message in self.twilio.messages if message.to == self.number]

    def expect_sms(self, part: str, *, timeout_s: float = 5.0) -> FakeMessage:
        """Wait for a text that holds `part`."""
        # Counted in naps: a test may have stopped the clock.
        for _ in range(max(1, int(timeout_s / NAP_S))):
            for message in self.messages:
                if part in message.body:
                    return message
            time.sleep(NAP_S)
        raise AssertionError(f"no SMS with {part!r} at {self.number}; it has {self.texts}")

    @property
    def rings(self) -> list[FakeCall]:
        return [call for call in self.twilio.rings if call.to == self.number]

    def expect_silence(self) -> None:
        """No text and no call has come."""
        if self.texts or self.rings:
            raise AssertionError(f"{self.number} has {self.texts} and {len(self.rings)} calls")


@dataclass
class FakeTwilio(Switchboard):
    """`latency_s`: time before each answer. `auto_callbacks`: statuses posted to the callback address by itself.

    `most_at_once`: messages that were being created at the same time.
    """

    account_sid: str = "AC" + "a" * 32
    auth_token: str = "token-of-the-fake"
    latency_s: float = 0.0
    auto_callbacks: tuple[str, ...] = ()
    most_at_once: int = 0
    messages: list[FakeMessage] = field(default_factory=list)
    rings: list[FakeCall] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    _scripts: defaultdict[str, deque[Behaviour]] = field(default_factory=lambda: defaultdict(deque))
    lock: threading.RLock = field(default_factory=threading.RLock)
    stopping: threading.Event = field(default_factory=threading.Event)
    _under_way: int = 0
    _server: Server | None = None
    _port: int = 0

    # --- life ---------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """A message is being created."""
        with self.lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            yield
        finally:
            with self.lock:
                self._under_way -= 1

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def environment(self) -> dict[str, str]:
        """What a server of ours needs in its environment to talk to this one."""
        return {
            "CLUSTR_SMS_PROVIDER": "twilio",
            "CLUSTR_VOICE_PROVIDER": "twilio",
            "CLUSTR_TWILIO_ACCOUNT_SID": self.account_sid,
            "CLUSTR_TWILIO_AUTH_TOKEN": self.auth_token,
            "CLUSTR_TWILIO_FROM": "+15005550006",
            "CLUSTR_TWILIO_BASE_URL": self.base_url,
        }

    def configure(self, settings: Any) -> None:
        """The same within a test's own process."""
        settings.CLUSTR_PUBLIC_URL = "https://estate.example"
        settings.CLUSTR_TWILIO = {
            "account_sid": self.account_sid,
            "auth_token": self.auth_token,
            "from": "+15005550006",
            "messaging_service_sid": "",
            "voice_from": "+15005550007",
            "base_url": self.base_url,
        }
        settings.CLUSTR_SMS_PROVIDER = settings.CLUSTR_VOICE_PROVIDER = "twilio"

    @contextmanager
    def refusing_connections(self) -> Iterator[None]:
        """Nobody listens, as while Twilio or the way to it is down."""
        self._close()
        try:
            yield
        finally:
            self._open()

    def _open(self) -> None:
        self.stopping = threading.Event()
        self._server = Server(("127.0.0.1", self._port), Handler, twilio=self)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _close(self) -> None:
        self.stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._server = None

    # --- the harness --------------------------------------------------------------------------------------------------

    def phone(self, number: str) -> Phone:
        return Phone(self, number)

    def script(self, number: str, *behaviours: Behaviour) -> None:
        """What the next calls that text `number` ("*": any) will meet; afterwards all is well again."""
        with self.lock:
            self._scripts[number].extend(behaviours)

    def progress(self, message: FakeMessage, status: str, error_code: int | None = None) -> Callback:
        """Move a message on, as the carrier does, and answer the callback that Twilio would now post."""
        with self.lock:
            message.status, message.error_code = status, error_code
            if message.sent_at is None and status in ("sent", "delivered", "undelivered"):
                message.sent_at = _now()
        return self.callback(message, status, error_code)

    def callback(self, message: FakeMessage, status: str, error_code: int | None = None) -> Callback:
        """A signed callback, whatever the message's own state is: to be posted late, twice or out of order."""
        params = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message.fields.get("From", ""),
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.to,
        }
        if error_code is not None:
            params["ErrorCode"] = str(error_code)
        return self.signed(message.status_callback, params)

    def signed(self, url: str, params: dict[str, str]) -> Callback:
        return Callback(url, params, self.sign(url, params))

    def sign(self, url: str, params: dict[str, str], *, token: str | None = None) -> str:
        """`X-Twilio-Signature` (https://www.twilio.com/docs/usage/security#validating-requests), written anew here."""
        text = url + "".join(name + params[name] for name in sorted(params))
        digest = hmac.new((token or self.auth_token).encode(), text.encode(), hashlib.sha1).digest()
        return base64.b64encode(digest).decode()

    def post(self, callback: Callback, *, timeout_s: float = 5.0) -> int:
        """Post a callback over the wire; answers the HTTP status."""
        request = urllib.request.Request(
            callback.url,
            data=callback.body,
            headers={
                "X-Twilio-Signature": callback.signature,
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    # --- the API ------------------------------------------------------------------------------------------------------

    def note(self, method: str, path: str, fields: dict[str, str]) -> Call:
        """Remember a request."""
        call = Call(method, path, fields)
        with self.lock:
            self.calls.append(call)
        return call

    def next_behaviour(self, number: str) -> Behaviour:
        with self.lock:
            for key in (number, "*"):
                if self._scripts[key]:
                    return self._scripts[key].popleft()
        return Accept()

    def make(self, fields: dict[str, str], *, is_listed: bool) -> FakeMessage:
        message = FakeMessage(
            sid="SM" + uuid.uuid4().hex,
            account_sid=self.account_sid,
            fields=fields,
            status="accepted" if "MessagingServiceSid" in fields else "queued",
            created_at=_now(),
            is_listed=is_listed,
        )
        with self.lock:
            self.messages.append(message)
        if self.auto_callbacks and message.status_callback:
            threading.Thread(target=self._call_back, args=(message,), daemon=True).start()
        return message

    def find(self, sid: str) -> FakeMessage | None:
        return next((message for message in self.messages if message.sid == sid), None)

    def listed(self, query: dict[str, str]) -> list[FakeMessage]:
        """The newest first, as Twilio lists them. A message without a date of sending matches no DateSent filter."""
        with self.lock:
            found = [message for message in reversed(self.messages) if message.is_listed]
        tests: dict[str, Callable[[FakeMessage, str], bool]] = {
            "To": lambda message, value: message.to == value,
            "From": lambda message, value: message.fields.get("From") == value,
            "DateSent": lambda message, value: _sent_on(message) == value[:10],
            "DateSent<": lambda message, value: "" < _sent_on(message) <= value[:10],
            "DateSent>": lambda message, value: _sent_on(message) >= value[:10],
        }
        for name, value in query.items():
            if name in tests:
                found = [message for message in found if tests[name](message, value)]
        return found

    def _call_back(self, message: FakeMessage) -> None:
        for status in self.auto_callbacks:
            time.sleep(0.05)
            self.post(self.progress(message, status))


def _now() -> datetime:
    return datetime.now(UTC)


def _sent_on(message: FakeMessage) -> str:
    return f"{message.sent_at:%Y-%m-%d}" if message.sent_at else ""
