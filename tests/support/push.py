"""A push service that remembers, and the browsers it serves: RFC 8030 on the loopback, with every way of going wrong.

    with FakePushService(public_key) as service:
        phone = service.browser()
        phone.script(Throttle(retry_after=2), Accept())
        ...
        phone.expect_notice("SOS FIRE")

Only the wire is replaced. It checks what a real one checks (VAPID, RFC 8292), and each browser decrypts what comes
(RFC 8291) with its own keys, which nobody else has.
"""

import base64
import json
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.twilio_moods import Accept, AcceptThenHang, Drop, Fail, Hang, Throttle

__all__ = ["Accept", "AcceptThenHang", "Drop", "Fail", "FakeBrowser", "FakePushService", "Hang", "Throttle"]

Mood = Accept | AcceptThenHang | Drop | Fail | Hang | Throttle | int
DAY_S = 24 * 3600


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Pushed:
    """A message as the push service took it, and what the browser made of it."""

    headers: dict[str, str]
    notice: dict[str, Any]


@dataclass
class FakeBrowser:
    """One browser: its keys, its address at the service, and what came. It is on unless `is_off`."""

    service: "FakePushService"
    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    came: list[Pushed] = field(default_factory=list)
    is_off: bool = False
    is_gone: bool = False
    waiting: dict[str, Pushed] = field(default_factory=dict)
    moods: deque[Mood] = field(default_factory=deque)
    calls: int = 0

    @property
    def endpoint(self) -> str:
        return self.service.origin + self.path

    @property
    def subscription(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": self.endpoint,
            "expirationTime": None,
            "keys": {"p256dh": text(point), "auth": text(self.secret)},
        }

    def script(self, *moods: Mood) -> None:
        """What the next calls for this browser meet; after that they are accepted."""
        self.moods.extend(moods)

    def unsubscribe(self) -> None:
        self.is_gone = True

    def turn_on(self) -> None:
        """It was off, and gets what waited for it."""
        self.is_off = False
        self.came += self.waiting.values()
        self.waiting.clear()

    def take(self, pushed: Pushed) -> None:
        if self.is_off:
            # An undelivered message with the same topic is replaced (RFC 8030, 5.4).
            self.waiting[pushed.headers.get("topic") or text(os.urandom(8))] = pushed
        else:
            self.came.append(pushed)

    def decrypt(self, body: bytes) -> dict[str, Any]:
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return cast(dict[str, Any], json.loads(plain))

    @property
    def notices(self) -> list[dict[str, Any]]:
        return [pushed.notice for pushed in self.came]

    def expect_notice(self, title: str, *, within_s: float = 0.0) -> dict[str, Any]:
        """The newest one, whose title holds these words."""
        until = time.monotonic() + within_s
        while not (self.came and title in self.came[-1].notice["title"]):
            assert time.monotonic() < until, f"no {title!r} among {self.notices}"
            time.sleep(0.02)
        return self.came[-1].notice

    def expect_silence(self) -> None:
        assert not self.notices


class FakePushService:
    """`public_key`: that of the installation which may send here (the browsers subscribed with it)."""

    def __init__(self, public_key: str) -> None:
        self.public_key = public_key
        self.browsers: dict[str, FakeBrowser] = {}
        self.refusals: list[str] = []
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler, service=self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def browser(self) -> FakeBrowser:
        """A new one, subscribed."""
        made = FakeBrowser(self, f"/push/{text(os.urandom(12))}")
        self.browsers[made.path] = made
        return made

    def problem_with(self, headers: dict[str, str]) -> tuple[int, str] | None:
        """What is wrong with a call, as a real push service would see it."""
        if not headers.get("ttl", "").isdigit():
            return 400, "TTL"
        if headers.get("content-encoding") != "aes128gcm":
            return 415, "Content-Encoding"
        if headers.get("urgency") not in ("very-low", "low", "normal", "high"):
            return 400, "Urgency"
        topic = headers.get("topic", "")
        if len(topic) > 32 or not topic.replace("-", "").replace("_", "").isalnum():
            return 400, "Topic"
        return self._problem_with_vapid(headers.get("authorization", ""))

    def _problem_with_vapid(self, authorization: str) -> tuple[int, str] | None:
        scheme, _, rest = authorization.partition(" ")
        given = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if scheme != "vapid" or given.get("k") != self.public_key:
            return 403, "another key than the browser subscribed with"
        raw = base64.urlsafe_b64decode(self.public_key + "=")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        try:
            claims = jwt.decode(
                given["t"],
                key=key,
                algorithms=["ES256"],
                audience=self.origin,
                options={"require": ["exp", "sub"]},
            )
        except (jwt.InvalidTokenError, KeyError) as error:
            return 403, repr(error)
        if claims["exp"] - time.time() > DAY_S or not claims["sub"].startswith(("mailto:", "https:")):
            return 403, "exp or sub"
        return None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], *, service: FakePushService
    ) -> None:
        self.service = service
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is the point of several tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        service = cast(_Server, self.server).service
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        browser = service.browsers.get(urlsplit(self.path).path)
        if browser is None or browser.is_gone:
            self._answer(404 if browser is None else 410)
            return
        browser.calls += 1
        problem = service.problem_with(headers) or ((413, "too long") if len(body) > 4096 else None)
        if problem is not None:
            service.refusals.append(problem[1])
            self._answer(problem[0])
            return
        mood = browser.moods.popleft() if browser.moods else Accept()
        if isinstance(mood, Accept | AcceptThenHang):
            browser.take(Pushed(headers, browser.decrypt(body)))
        self._end(mood, service)

    def _end(self, mood: Mood, service: FakePushService) -> None:
        match mood:
            case Accept():
                self._answer(201, {"Location": f"{service.origin}/message/{text(os.urandom(9))}"})
            case Hang() | AcceptThenHang():
                service.stopping.wait(30)
                self.close_connection = True
            case Drop():
                self.close_connection = True
            case Fail(status=status):
                self._answer(status)
            case Throttle(retry_after=retry_after):
                self._answer(429, {"Retry-After": str(retry_after)} if retry_after is not None else {})
            case int():
                self._answer(mood, {"Location": "http://127.0.0.1:1/"} if 300 <= mood < 400 else {})

    def _answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
