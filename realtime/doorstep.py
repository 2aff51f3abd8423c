"""The HTTP protocol class for uvicorn of a process that serves sockets: most of who comes wants one.

A plain upgrade request goes straight to the websocket protocol class. Parsed by uvicorn first, it would be taken apart,
put together again and parsed a second time, by an object with some thirty members that is thrown away after it.
Whatever looks any different is uvicorn's to parse.
"""

import asyncio
import re
from typing import Any, cast

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

#: One whole request: no body, no header that goes on in a second line, nothing behind it.
_REQUEST = re.compile(rb"GET /[!-~]* HTTP/1\.1\r\n(?:[A-Za-z0-9-]+:[\t -~\x80-\xff]*\r\n)+\r\n")
_UPGRADE = re.compile(rb"(?i)\r\nUpgrade: *websocket *\r\n")
_CONNECTION = re.compile(rb"(?i)\r\nConnection:(?:[^\r\n]*[, ])?upgrade *(?:,[^\r\n]*)?\r\n")
#: Headers of a request that has a body.
_BODY = re.compile(rb"(?i)\r\n(?:Content-Length|Transfer-Encoding):")


def is_plain_upgrade(request: bytes) -> bool:
    """Whether this is the whole of a request for a websocket, as browsers and apps send it."""
    return bool(
        _REQUEST.fullmatch(request)
        and _UPGRADE.search(request)
        and _CONNECTION.search(request)
        and not _BODY.search(request)
    )


class Doorstep(asyncio.Protocol):
    """Waits for a connection's first bytes, and hands it on."""

    __slots__ = ("_config", "_made_of", "_state")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config, self._state = config, (server_state, app_state)
        self._made_of: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._made_of = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        assert self._made_of is not None
        self._connections.discard(self)
        next_class: Any = self._config.ws_protocol_class if is_plain_upgrade(data) else HttpToolsProtocol
        protocol = next_class(self._config, *self._state)
        protocol.connection_made(self._made_of)
        self._made_of.set_protocol(protocol)
        protocol.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)

    def shutdown(self) -> None:
        """uvicorn stops."""
        if self._made_of is not None:
            self._made_of.close()

    @property
    def _connections(self) -> set[Any]:
        return self._state[0].connections
