"""The fake Twilio's HTTP: what its API does with a request, in the mood that a test has put it into."""

import base64
import json
import re
import socket
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.twilio_calls import CALLS_PREFIX
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.twilio import Call, FakeMessage, FakeTwilio
    from tests.support.twilio_calls import FakeCall

PREFIX = "/2010-04-01/Accounts/{account}/Messages"
E164 = re.compile(r"\+[1-9]\d{6,14}\Z")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], *, twilio: "FakeTwilio"
    ) -> None:
        self.twilio = twilio
        self._connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is the point of several tests."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: Whether what is to be created is a call, not a text.
    _is_call = False

    @property
    def twilio(self) -> "FakeTwilio":
        return cast(Server, self.server).twilio

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        fields = _single(self.rfile.read(length).decode())
        call = self._note(fields)
        if not self._is_authorised():
            return
        path = urlsplit(self.path).path
        self._is_call = path.startswith(self._prefix(CALLS_PREFIX))
        if self._is_call and path != self._prefix(CALLS_PREFIX) + ".json":
            self._update(path, fields)
            return
        if not self._is_call and path != self._prefix() + ".json":
            self._error(404, 20404)
            return
        with self.twilio.under_way():
            time.sleep(self.twilio.latency_s)
        if (code := _mistake_in_call(fields) if self._is_call else _mistake(fields)) is not None:
            self._error(400, code)
            return
        call.met = self.twilio.next_behaviour(fields["To"])
        self._create(fields, call.met)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = _single(parts.query)
        self._note(query)
        if not self._is_authorised():
            return
        time.sleep(self.twilio.latency_s)
        if parts.path == self._prefix() + ".json":
            self._list(query, "messages", PREFIX)
            return
        if parts.path == self._prefix(CALLS_PREFIX) + ".json":
            self._list(query, "calls", CALLS_PREFIX)
            return
        if parts.path.startswith(self._prefix(CALLS_PREFIX) + "/"):
            self._one_call(parts.path)
            return
        sid = parts.path.removeprefix(self._prefix() + "/").removesuffix(".json")
        message = self.twilio.find(sid)
        if message is None:
            self._error(404, 20404)
        else:
            self._json(200, message.as_json())

    def _one_call(self, path: str) -> "FakeCall | None":
        """Show the call that the path names; answers it."""
        call = self._call_at(path)
        if call is None:
            self._error(404, 20404)
        else:
            self._json(200, call.as_json())
        return call

    def _update(self, path: str, fields: dict[str, str]) -> None:
        match self.twilio.next_behaviour("updates"):
            case Fail(status=status):
                self._error(status, 20500)
                return
            case Refuse(code=code, status=status):
                self._error(status, code)
                return
        if (call := self._call_at(path)) is not None:
            self.twilio.update_call(call, fields)
        self._one_call(path)

    def _call_at(self, path: str) -> "FakeCall | None":
        return self.twilio.find_call(
            path.removeprefix(self._prefix(CALLS_PREFIX) + "/").removesuffix(".json")
        )

    def _make(self, fields: dict[str, str], *, is_listed: bool) -> dict[str, Any]:
        make = self.twilio.ring if self._is_call else self.twilio.make
        return make(fields, is_listed=is_listed).as_json()

    def _create(self, fields: dict[str, str], behaviour: Behaviour) -> None:
        match behaviour:
            case Accept(is_listed=is_listed):
                self._json(201, self._make(fields, is_listed=is_listed))
            case AcceptThenHang(is_listed=is_listed):
                self._make(fields, is_listed=is_listed)
                self._hang()
            case AcceptThenDrop(is_listed=is_listed):
                self._make(fields, is_listed=is_listed)
                self.close_connection = True
            case AcceptThenFail(status=status):
                self._make(fields, is_listed=True)
                self._error(status, 20500)
            case Hang():
                self._hang()
            case Drop():
                self.close_connection = True
            case Fail(status=status):
                self._error(status, 20500)
            case Throttle(retry_after=retry_after):
                self._error(429, 20429, {"Retry-After": str(retry_after)} if retry_after is not None else {})
            case Refuse(code=code, status=status):
                self._error(status, code)
            case Gibberish(body=body):
                self._answer(200, body.encode(), {"Content-Type": "text/html"})

    def _list(self, query: dict[str, str], kind: str, prefix: str) -> None:
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        found: Sequence[FakeMessage | FakeCall] = (
            self.twilio.listed(query) if kind == "messages" else self.twilio.listed_calls(query)
        )
        shown = found[page * size : (page + 1) * size]
        filters = {
            name: value for name, value in query.items() if name not in ("Page", "PageSize", "PageToken")
        }

        def uri(number: int) -> str:
            return f"{self._prefix(prefix)}.json?" + urlencode(
                filters | {"PageSize": str(size), "Page": str(number)}
            )

        self._json(
            200,
            {
                "end": page * size + max(0, len(shown) - 1),
                "first_page_uri": uri(0),
                kind: [one.as_json() for one in shown],
                "next_page_uri": uri(page + 1) if len(found) > (page + 1) * size else None,
                "page": page,
                "page_size": size,
                "previous_page_uri": uri(page - 1) if page else None,
                "start": page * size,
                "uri": uri(page),
            },
        )

    def _hang(self) -> None:
        self.twilio.stopping.wait(30)
        self.close_connection = True

    def _prefix(self, prefix: str = PREFIX) -> str:
        return prefix.format(account=self.twilio.account_sid)

    def _note(self, fields: dict[str, str]) -> "Call":
        return self.twilio.note(self.command, urlsplit(self.path).path, fields)

    def _is_authorised(self) -> bool:
        given = f"{self.twilio.account_sid}:{self.twilio.auth_token}".encode()
        if self.headers.get("Authorization") == "Basic " + base64.b64encode(given).decode():
            return True
        self._error(401, 20003)
        return False

    def _error(self, status: int, code: int, headers: dict[str, str] | None = None) -> None:
        problem = {
            "code": code,
            "message": f"Error {code}",
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
        self._json(status, problem, headers)

    def _json(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._answer(
            status, json.dumps(content).encode(), {"Content-Type": "application/json"} | (headers or {})
        )

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _single(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _mistake(fields: dict[str, str]) -> int | None:
    """The code with which Twilio refuses a request that lacks something."""
    if not fields.get("To"):
        return 21604
    if not E164.match(fields["To"]):
        return 21211
    if not fields.get("Body"):
        return 21602
    if not (fields.get("From") or fields.get("MessagingServiceSid")):
        return 21603
    return None


def _mistake_in_call(fields: dict[str, str]) -> int | None:
    if not fields.get("To"):
        return 21201
    if not E164.match(fields["To"]):
        return 21211
    if not fields.get("From"):
        return 21213
    if not fields.get("Url", "").startswith("http"):
        return 21205
    return None
