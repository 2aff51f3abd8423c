"""The two ways in which a session's frames reach the network: straight to the kernel, or through ASGI's `send`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from realtime.fan_out import Write
from realtime.framing import payloads

log = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

#: The member of an ASGI scope's `extensions` under which a server offers its own `Connection`.
EXTENSION = "clustr.connection"
#: Seconds that a close frame may take to reach a peer that does not read.
CLOSE_TIMEOUT_S = 5


class Receiver(Protocol):
    """What hears of a connection's doings. Nothing here may wait."""

    def took(self, payload: bytes | None) -> None:
        """A text frame came, as UTF-8; None stands for a binary one."""

    def is_ready(self) -> None:
        """What was written has left: there is room again."""

    def gone(self) -> None:
        """The peer has closed, or the line broke."""


class Connection(Protocol):
    """One accepted websocket."""

    #: Nothing that was written waits any more: what is written now goes out at once.
    ready: bool
    #: Called whenever `ready` is not what it was, where `straight` gives anything.
    ready_changed: Callable[[], None]

    async def first(self) -> bytes | None:
        """The first frame, as `Receiver.took` would get it. Raises `Gone`."""

    def listen(self, receiver: Receiver) -> None:
        """Tell `receiver` everything from now on."""

    def write(self, frames: bytes) -> None:
        """Send frames that `framing.framed` made, one or several. Never waits; what the peer does not take is kept."""

    def straight(self) -> Write | None:
        """`write` without a step between, to be used as long as it is `ready`; None where there is no such thing."""

    async def close(self, code: int, reason: str) -> None:
        """Say why, and end it. A peer that does not read has `CLOSE_TIMEOUT_S` to take it."""


def nobody_cares() -> None:
    """`ready_changed` of a connection without a session."""


class Gone(Exception):
    """The peer is gone."""


def connection_of(scope: Mapping[str, Any], receive: Receive, send: Send) -> Connection:
    """The server's own connection where it offers one, else one over ASGI."""
    offered: Connection | None = scope.get("extensions", {}).get(EXTENSION)
    return offered or AsgiConnection(receive, send)


class AsgiConnection:
    """Over `receive` and `send` alone, for any ASGI server: a task that reads, and one that writes."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.ready = True
        self.ready_changed = nobody_cares
        self._receive = receive
        self._send = send
        self._receiver: Receiver | None = None
        self._waiting: list[bytes] = []
        self._wake = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._is_closing = False

    async def first(self) -> bytes | None:
        return _payload_of(await self._receive())

    def listen(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._reading = asyncio.create_task(self._read())
        self._writing = asyncio.create_task(self._drain())

    def write(self, frames: bytes) -> None:
        self.ready = False
        self._waiting.append(frames)
        self._wake.set()

    def straight(self) -> None:
        """Each frame waits for the task that writes."""

    async def close(self, code: int, reason: str) -> None:
        if self._reading is not None and self._writing is not None:
            self._reading.cancel()
            self._is_closing = True
            self._wake.set()
            # What is on its way is never cut off and gone on from: a client would take that for everything.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._writing, CLOSE_TIMEOUT_S)
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                if self._writing is None or not self._writing.cancelled():
                    await self._write_waiting()
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _read(self) -> None:
        assert self._receiver is not None
        try:
            while True:
                self._receiver.took(_payload_of(await self._receive()))
        except Gone:
            self._receiver.gone()
        except Exception:
            log.exception("A socket failed")
            self._receiver.gone()

    async def _drain(self) -> None:
        assert self._receiver is not None
        try:
            while not self._is_closing:
                await self._wake.wait()
                self._wake.clear()
                await self._write_waiting()
                self.ready = True
                self._receiver.is_ready()
        except Exception:
            self._receiver.gone()

    async def _write_waiting(self) -> None:
        while self._waiting:
            frames = self._waiting.pop(0)
            for payload in payloads(frames):
                await self._send({"type": "websocket.send", "text": payload.decode()})


def _payload_of(message: Mapping[str, Any]) -> bytes | None:
    if message["type"] == "websocket.disconnect":
        raise Gone
    text = message.get("text")
    # A client may send what is no Unicode; then it is no JSON either.
    return text.encode(errors="replace") if isinstance(text, str) else None
