"""TCP routes that can be cut, each to a server behind it: `python -m bench.soak.relay` serves them.

It takes a JSON object a line on stdin and answers each with one. A cut is silent (nothing comes through any more, and
whoever connects gets no answer; afterwards what was held back goes on its way) or a reset (what there is breaks, and
whoever connects is thrown out).
"""

import asyncio
import json
import socket
import struct
import sys
from typing import Any, cast

import uvloop

from bench.processes import Program
from tests.support.processes import clean_environment

OPEN, SILENT, RESET = "open", "silent", "reset"


class Relay:
    """The bench's end of the process."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "bench.soak.relay"]
        self._program = Program(command, environment=clean_environment())

    def close(self) -> None:
        self._program.__exit__()

    def add(self, name: str, port: int) -> int:
        """A route to a port of this machine; returns its own port."""
        self._program.say(json.dumps({"do": "add", "name": name, "port": port}))
        return int(json.loads(self._program.expect('{"port"'))["port"])

    def set(self, name: str, mode: str) -> None:
        """Cut it, or let it through again. Does not wait: it is done within a millisecond or two."""
        self._program.say(json.dumps({"do": "set", "name": name, "mode": mode}))


class _Route:
    def __init__(self, port: int) -> None:
        self.port = port
        self.mode = OPEN
        self.ends: set[_End] = set()

    def set(self, mode: str) -> None:
        self.mode = mode
        for end in list(self.ends):
            if mode == RESET:
                end.reset()
            elif mode == SILENT:
                end.hold()
            else:
                end.go_on()

    async def connect(self, near: "_End") -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: _End(self, near), "127.0.0.1", self.port
            )
        except OSError:
            near.reset()


class _End(asyncio.Protocol):
    """One side of a connection; what comes goes out at the other. `other`: None at the side that called us."""

    def __init__(self, route: _Route, other: "_End | None" = None) -> None:
        self._route = route
        self._other = other
        self._dialling: asyncio.Task[None] | None = None
        self._is_full = False
        self._early: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._route.ends.add(self)
        if self._route.mode == RESET:
            self.reset()
            return
        if self._other is None:
            self.transport.pause_reading()
            if self._route.mode == OPEN:
                self.go_on()
            return
        if self._other.transport is None or self._other.transport.is_closing():
            self.reset()
            return
        self._other._other = self
        self.transport.writelines(self._other._early)
        if self._route.mode == OPEN:
            self._other.go_on()
        else:
            self.hold()

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            # A loop may read before a pause that was asked for when the connection was made.
            self._early.append(data)
        elif self._other.transport is not None:
            self._other.transport.write(data)

    def pause_writing(self) -> None:
        self._is_full = True
        if self._other is not None:
            self._other.hold()

    def resume_writing(self) -> None:
        self._is_full = False
        if self._other is not None and self._route.mode == OPEN:
            self._other.go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self._route.ends.discard(self)
        self.transport = None
        if self._dialling is not None:
            self._dialling.cancel()
        if self._other is not None and self._other.transport is not None:
            self._other.transport.close()

    def hold(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def go_on(self) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if self._other is None:
            if self._dialling is None:
                self._dialling = asyncio.create_task(self._route.connect(self))
        elif not self._other._is_full:
            self.transport.resume_reading()

    def reset(self) -> None:
        """Break it off at once, so that the peer sees a reset and no end."""
        if self.transport is not None:
            line = self.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()


async def _main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    routes: dict[str, _Route] = {}
    while line := await reader.readline():
        question: dict[str, Any] = json.loads(line)
        if question["do"] == "set":
            routes[question["name"]].set(question["mode"])
            continue
        route = routes[question["name"]] = _Route(question["port"])
        server = await loop.create_server(lambda route=route: _End(route), "127.0.0.1", 0)  # type: ignore[misc]
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main())
