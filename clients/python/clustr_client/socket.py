"""One websocket: frames as text, close codes. What is above it does not know which library carries it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

#: Seconds for the handshake.
OPEN_S = 10.0


class Socket(Protocol):
    """Raises `Broken` where the connection is gone."""

    async def send(self, text: str) -> None: ...
    async def receive(self) -> str: ...
    async def close(self, code: int) -> None: ...


#: Opens a socket at an address. Raises `Broken`.
Dial = Callable[[str], Awaitable[Socket]]


class Broken(Exception):
    """The connection is gone. `code`: the server's close code, None where there was none."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class WebSocket:
    """A `Socket` over websockets, which the caller opened."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise Broken(closed.rcvd.code if closed.rcvd else None) from None

    async def receive(self) -> str:
        try:
            message = await self._connection.recv()
        except ConnectionClosed as closed:
            raise Broken(closed.rcvd.code if closed.rcvd else None) from None
        return message if isinstance(message, str) else message.decode()

    async def close(self, code: int) -> None:
        await self._connection.close(code)


async def dial(url: str) -> Socket:
    """No pings of the library's own: the protocol has its heartbeats."""
    try:
        return WebSocket(
            await connect(
                url,
                max_size=None,
                compression=None,
                proxy=None,
                open_timeout=OPEN_S,
                close_timeout=2,
                ping_interval=None,
            )
        )
    except (OSError, InvalidHandshake, TimeoutError) as error:
        raise Broken from error
