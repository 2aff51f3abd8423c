"""A websocket protocol class for uvicorn (`--ws realtime.fast_protocol:FastProtocol`) that a session writes through.

What ASGI's `send` costs for each frame (a coroutine, a dict, framing, the event loop's write queue) is paid once for an
event here: frames arrive framed, and go to the kernel in one system call for each socket. Frames of clients are parsed
by picows in C and handed over in the same step of the loop, without a queue. An application that knows nothing of the
extension is served over plain ASGI. docs/adr/0010 has the figures and what else was tried.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]
from uvicorn import Config
from uvicorn.server import ServerState

from realtime.connection import CLOSE_TIMEOUT_S, EXTENSION, Gone, Receiver, nobody_cares
from realtime.fan_out import Write
from realtime.framing import framed

#: An adapter, because picows makes a child of each plain logger for each connection.
_log = logging.LoggerAdapter(logging.getLogger("realtime.websocket"), {})
log = logging.getLogger(__name__)

#: Messages that wait for an application that does not take them; past it nothing more is read.
MAX_WAITING = 16
#: Bytes of the buffer for what the client sends; it grows when it has to.
READ_BUFFER = 2048
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
_FAILED = b"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class FastProtocol(WSProtocol):  # type: ignore[misc]
    """uvicorn's side of a socket: made for the upgrade request, then the transport's protocol."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.connection = FastConnection(self)
        super().__init__(
            None,
            None,
            False,
            lambda _request: WSUpgradeResponseWithListener(
                cast(WSUpgradeResponse, _Switching()), self.connection
            ),
            _log,
            True,
            None,
            False,
            0,
            0,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            True,
            config.ws_max_size,
            None,
            READ_BUFFER,
        )
        #: Bytes of a client's message.
        self.longest = config.ws_max_size
        self._app = config.loaded_app
        self._connections = server_state.connections
        self._tasks = server_state.tasks
        self._request = b""
        #: By name in lower case; empty once the request is answered.
        self._headers: dict[bytes, bytes] = {}
        self._made_of: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._made_of = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def data_received(self, request: bytes) -> None:
        """The whole upgrade request: the application decides, then it is answered."""
        assert self._made_of is not None
        self._request = request
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._run(loop))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        connection = self.connection
        try:
            await self._app(self._scope(), connection.receive, connection.send)
        except Gone:
            pass
        except Exception:
            log.exception("The application failed")
            if not connection.is_accepted:
                self._answer(_FAILED)
        if not connection.is_accepted:
            self._answer(_REFUSED)
        connection.end()

    def _scope(self) -> dict[str, Any]:
        assert self._made_of is not None
        head, *lines = self._request.split(b"\r\n")
        raw_path, _, query = head.split(b" ", 2)[1].partition(b"?")
        parted = [line.partition(b":") for line in lines if line]
        headers = [(name.lower(), value.strip()) for name, _, value in parted]
        self._headers = dict(headers)
        return {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": None,
            "client": self._made_of.get_extra_info("peername"),
            "root_path": "",
            "path": unquote(raw_path.decode("ascii", "replace")),
            "raw_path": raw_path,
            "query_string": query,
            "headers": headers,
            "subprotocols": [],
            "state": {},
            "extensions": {EXTENSION: self.connection},
        }

    def accept(self) -> None:
        """Answer the upgrade request, and let picows take what comes from now on."""
        transport = self._made_of
        if transport is None or transport.is_closing():
            raise Gone
        request = self._request_for_picows()
        self._request, self._headers = b"", {}
        super().connection_made(_Line(transport))
        self.get_buffer(len(request))[: len(request)] = request
        self.buffer_updated(len(request))

    def _request_for_picows(self) -> bytes:
        """What it looks at, and nothing else: that it is an upgrade to a websocket, uvicorn or `Doorstep` has seen.

        It parses every header that it is given, keeps them, and takes Firefox's `Connection: keep-alive, Upgrade` for
        none.
        """
        told = [
            b"%b: %b\r\n" % (name, self._headers[name])
            for name in (b"sec-websocket-version", b"sec-websocket-key")
            if name in self._headers
        ]
        return b"GET / HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n%b\r\n" % b"".join(told)

    def _answer(self, response: bytes) -> None:
        if self._request and self._made_of is not None and not self._made_of.is_closing():
            self._made_of.write(response)
        self._request = b""

    # --- the transport's calls --------------------------------------------------------------------------------------

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self.transport is not None:
            super().connection_lost(exc)
        self.connection.lost()

    def pause_writing(self) -> None:
        self.connection.stuck()

    def resume_writing(self) -> None:
        self.connection.drained()

    def shutdown(self) -> None:
        """uvicorn stops, and the application has had its time."""
        self.connection.shut_down()
        self.hang_up()

    def line(self) -> asyncio.Transport:
        """What carries the frames."""
        assert self._made_of is not None
        return self._made_of

    def hang_up(self) -> None:
        """Close what was made."""
        if self._made_of is not None:
            self._made_of.close()


class _Switching:
    """The answer to an upgrade request, which picows writes: the same for all but for one header."""

    __slots__ = ("headers",)

    status = HTTPStatus.SWITCHING_PROTOCOLS

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def to_bytes(self) -> bytearray:
        told = "".join([f"{name}: {value}\r\n" for name, value in self.headers.items()])
        return bytearray(_SWITCHING + told.encode() + b"\r\n")


class _Line:
    """The transport as picows knows it, and a socket whose options are set already.

    It sets and reads five options, each of them with a socket object made for it. Of the two that it sets, the event
    loop has set TCP_NODELAY, and TCP_QUICKACK lasts until the kernel thinks otherwise.
    """

    __slots__ = ("_transport", "get_write_buffer_size", "write")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.write = transport.write
        self.get_write_buffer_size = transport.get_write_buffer_size

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self if name == "socket" else self._transport.get_extra_info(name, default)

    def fileno(self) -> int:
        return int(self._transport.get_extra_info("socket").fileno())

    def setsockopt(self, *_: int) -> None:
        """It is set."""

    def getsockopt(self, *_: int) -> int:
        """For a line in the log that is not written."""
        return 0

    def writelines(self, frames: list[bytes]) -> None:
        self._transport.writelines(frames)

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()


def _write_nowhere(frames: bytes) -> None:
    """The line is not there yet, or not any more."""


class FastConnection(WSListener):
    """The session's side of a socket: `realtime.connection.Connection`, and ASGI's `receive` and `send`."""

    __slots__ = (
        "_is_closing",
        "_messages",
        "_parts",
        "_protocol",
        "_receiver",
        "_transport",
        "_waiter",
        "_ws",
        "is_accepted",
        "ready",
        "ready_changed",
        "write",
    )

    def __init__(self, protocol: FastProtocol) -> None:
        self.ready = False
        self.ready_changed: Callable[[], None] = nobody_cares
        self.is_accepted = False
        self._protocol: FastProtocol | None = protocol
        self._ws: WSTransport | None = None
        self._transport: asyncio.Transport | None = None
        #: `realtime.connection.Connection.write`, without a step between: the transport's own.
        self.write: Callable[[bytes], None] = _write_nowhere
        self._receiver: Receiver | None = None
        self._messages: deque[tuple[str, bytes | None]] = deque((("connect", None),))
        self._waiter: asyncio.Future[None] | None = None
        self._parts: list[bytes] | None = None
        self._is_closing = False

    # --- realtime.connection.Connection -----------------------------------------------------------------------------

    async def first(self) -> bytes | None:
        kind, payload = await self._message()
        if kind == "disconnect":
            raise Gone
        return payload

    def listen(self, receiver: Receiver) -> None:
        self._receiver = receiver
        while self._messages:
            kind, payload = self._messages.popleft()
            if kind == "disconnect":
                receiver.gone()
            else:
                receiver.took(payload)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        if self.ready:
            # It may have been stuck and drained while nobody listened.
            receiver.is_ready()

    def straight(self) -> Write | None:
        # Made anew, and not `self.write`: what is made together for a list lies together in memory.
        return self._transport.write if self._transport is not None and self.ready else None

    def stuck(self) -> None:
        """The kernel does not take everything at once."""
        self.ready = False
        self.ready_changed()

    def drained(self) -> None:
        """What the kernel did not take at once has left."""
        if not self._is_closing:
            self.ready = True
            self.ready_changed()
            if self._receiver is not None:
                self._receiver.is_ready()

    async def close(self, code: int, reason: str) -> None:
        if self._ws is None or self._transport is None or self._transport.is_closing():
            return
        self.stuck()
        self._is_closing = True
        # In a peer's interest of at most 123 bytes (RFC 6455, section 5.5).
        self._ws.send_close(code, reason.encode()[:123])  # type: ignore[arg-type]
        self._transport.resume_reading()
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                # Until the peer has answered with its own close frame, or the line is gone.
                await waiter
        except TimeoutError:
            self._transport.abort()

    # --- what picows calls ------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        assert self._protocol is not None
        self._ws = transport
        self._transport = self._protocol.line()
        # With this limit a transport writes to the kernel at once, and pauses as soon as anything is left. uvloop does
        # that without letting go of the interpreter's lock, so no other thread gets between two sockets of a fan-out.
        self._transport.set_write_buffer_limits(high=0)
        self.write = self._transport.write
        self.ready = True

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind == WSMsgType.TEXT and frame.fin and self._parts is None:
            self._took(frame.get_payload_as_bytes())
        elif kind in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            self._took_part(frame)
        elif kind == WSMsgType.BINARY:
            self._took(None)
        elif kind == WSMsgType.CLOSE:
            self._closed_by_peer(transport, frame)

    def _took_part(self, frame: WSFrame) -> None:
        """A message in several frames counts as one, and its size is theirs together."""
        if self._parts is None:
            self._parts = []
        self._parts.append(frame.get_payload_as_bytes())
        assert self._protocol is not None
        if sum(map(len, self._parts)) > self._protocol.longest:
            self._parts = [b""]
            if self._ws is not None:
                self._ws.send_close(WSCloseCode.MESSAGE_TOO_BIG)
                self._ws.disconnect()
        elif frame.fin:
            parts, self._parts = self._parts, None
            self._took(b"".join(parts))

    def _took(self, payload: bytes | None) -> None:
        if self._is_closing:
            return
        if self._receiver is not None:
            self._receiver.took(payload)
            return
        self._messages.append(("receive", payload))
        if len(self._messages) >= MAX_WAITING and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def _closed_by_peer(self, transport: WSTransport, frame: WSFrame) -> None:
        if not self._is_closing:
            transport.send_close(frame.get_close_code())
        transport.disconnect()
        self._end_reading()

    def lost(self) -> None:
        """The line is gone."""
        self._end_reading()
        self._protocol = None

    def _end_reading(self) -> None:
        self.write = _write_nowhere
        self.stuck()
        if self._receiver is not None:
            self._receiver.gone()
        elif not self._messages or self._messages[-1][0] != "disconnect":
            self._messages.append(("disconnect", None))
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _message(self) -> tuple[str, bytes | None]:
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        message = self._messages.popleft()
        if self._transport is not None and len(self._messages) == MAX_WAITING // 2:
            self._transport.resume_reading()
        return message

    # --- plain ASGI -------------------------------------------------------------------------------------------------

    async def receive(self) -> Mapping[str, Any]:
        kind, payload = await self._message()
        if kind == "receive":
            return {"type": "websocket.receive", "text": (payload or b"").decode(errors="replace")}
        return {"type": f"websocket.{kind}", **({"code": 1005} if kind == "disconnect" else {})}

    async def send(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "websocket.accept":
                assert self._protocol is not None
                self.is_accepted = True
                self._protocol.accept()
            case "websocket.send":
                self.write(framed(message["text"].encode()))
            case "websocket.close" if self.is_accepted:
                await self.close(message.get("code", 1000), message.get("reason") or "")

    def end(self) -> None:
        """The application has returned."""
        if self._transport is not None:
            self._transport.close()
        elif self._protocol is not None:
            self._protocol.hang_up()

    def shut_down(self) -> None:
        """Say that the server goes away."""
        if self._ws is not None and not self._is_closing:
            self._is_closing = True
            self._ws.send_close(WSCloseCode.GOING_AWAY)
        self._end_reading()
