"""A client's line that can be told to read nothing any more, while it still looks alive."""

import asyncio
import socket
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake

from clustr_client.socket import Broken, Socket, WebSocket

#: Bytes that the kernel keeps for a client with a narrow window, about.
NARROW = 16 * 1024


class StallableLine:
    """Dials as the client library does."""

    def __init__(self) -> None:
        self._window: int | None = None
        self._may_read = asyncio.Event()
        self._may_read.set()

    def narrow(self) -> None:
        """From the next connection on, the kernel keeps little: a stall is felt by the server sooner."""
        self._window = NARROW

    def stall(self) -> None:
        """Read nothing until `read_on`."""
        self._may_read.clear()

    def read_on(self) -> None:
        self._may_read.set()

    async def dial(self, url: str) -> Socket:
        """Raises `Broken`."""
        tcp = None
        if self._window is not None:
            # Before it connects: the window is negotiated then.
            address = urlsplit(url)
            tcp = socket.socket()
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._window)
            tcp.connect((address.hostname, address.port))
        try:
            return _Stallable(
                await connect(
                    url,
                    max_size=None,
                    compression=None,
                    proxy=None,
                    open_timeout=5,
                    ping_interval=None,
                    sock=tcp,
                ),
                self._may_read,
            )
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise Broken from error


class _Stallable(WebSocket):
    """Reads only while it may."""

    def __init__(self, connection: Any, may_read: asyncio.Event) -> None:
        super().__init__(connection)
        self._may_read = may_read

    async def receive(self) -> str:
        await self._may_read.wait()
        return await super().receive()
