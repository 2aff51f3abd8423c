"""A client of the socket, as low as a test needs it: frames out, frames in, close codes."""

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]

#: Seconds that a test waits for something that must come.
PATIENCE_S = 10.0


class Wire:
    """One socket. Frames that nobody asked for yet are kept in the order in which they came."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._frames: list[Frame] = []
        self.everything: list[Frame] = []

    @classmethod
    async def open(cls, url: str, **options: Any) -> Self:
        return cls(await connect(url, max_size=None, compression=None, proxy=None, **options))

    async def send(self, frame: Frame | str | bytes) -> None:
        await self._connection.send(json.dumps(frame) if isinstance(frame, dict) else frame)

    async def read(self, wanted: Callable[[Frame], bool], *, timeout: float = PATIENCE_S) -> Frame:
        """The first frame, kept or coming, for which `wanted` is true."""
        for index, frame in enumerate(self._frames):
            if wanted(frame):
                return self._frames.pop(index)
        async with asyncio.timeout(timeout):
            while True:
                frame = json.loads(await self._connection.recv())
                self.everything.append(frame)
                if frame["type"] == "heartbeat":
                    await self.heard_heartbeat()
                if wanted(frame):
                    return frame
                self._frames.append(frame)

    async def heard_heartbeat(self) -> None:
        """A bare wire says nothing; a tablet answers."""

    async def frame(self, type: str, *, timeout: float = PATIENCE_S) -> Frame:
        return await self.read(lambda frame: frame["type"] == type, timeout=timeout)

    async def silent(self, seconds: float, *, type: str = "event") -> bool:
        """Whether no frame of this type comes for so long."""
        try:
            await self.frame(type, timeout=seconds)
        except TimeoutError:
            return True
        return False

    async def close_code(self, *, timeout: float = PATIENCE_S) -> int:
        """The code with which the server closes; frames that come before it are kept."""
        async with asyncio.timeout(timeout):
            try:
                while True:
                    self._frames.append(json.loads(await self._connection.recv()))
            except ConnectionClosed as closed:
                assert closed.rcvd is not None, "the connection broke without a close frame"
                return closed.rcvd.code

    async def close(self) -> None:
        await self._connection.close()

    async def stop_reading(self) -> None:
        """From now on the peer looks alive and takes nothing."""
        self._connection.transport.pause_reading()


class Tablet(Wire):
    """A device that speaks the protocol: connects, keeps positions, says what it received."""

    device: str
    welcome: Frame

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        token: str | None = None,
        resume_token: str | None = None,
        device: str | None = None,
        positions: dict[str, Frame] | None = None,
        is_receipting: bool = True,
        is_pinging: bool = True,
    ) -> Self:
        """Connected and welcomed. `is_pinging`: it gives signs of life, however long the test looks elsewhere."""
        tablet = await cls.open(url)
        tablet.device = device or uuid.uuid4().hex
        tablet.is_receipting = is_receipting
        tablet.positions = dict(positions or {})
        await tablet.send(
            {
                "type": "connect",
                "ref": "c",
                "device": tablet.device,
                "topics": tablet.positions,
                **({"token": token} if token else {}),
                **({"resume_token": resume_token} if resume_token else {}),
            }
        )
        tablet.welcome = await tablet.frame("welcome")
        for topic, state in tablet.welcome["topics"].items():
            if not state["recovered"]:
                tablet.positions[topic] = {"offset": state["head"], "epoch": state["epoch"]}
        if is_pinging:
            tablet._pinging = asyncio.create_task(tablet._ping())
        return tablet

    async def _ping(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(self.welcome["heartbeat_s"] * 0.6)
                await self.send({"type": "ping"})

    #: Held here, because the loop holds its tasks only weakly.
    _pinging: asyncio.Task[None] | None = None

    is_receipting: bool = True
    positions: dict[str, Frame]

    async def heard_heartbeat(self) -> None:
        await self.send({"type": "ping"})

    async def event(self, *, timeout: float = PATIENCE_S) -> Frame:
        """The next event of any type; its receipt is sent."""
        frame = await self.frame("event", timeout=timeout)
        self.positions[frame["topic"]] = {**self.positions[frame["topic"]], "offset": frame["offset"]}
        if self.is_receipting:
            await self.send({"type": "received", "topics": {frame["topic"]: frame["offset"]}})
        return frame

    async def expect(self, event: str, *, timeout: float = PATIENCE_S) -> Frame:
        """The next event of this type."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self.event(timeout=timeout)
                if frame["event"] == event:
                    return frame

    async def command(self, name: str, data: Frame, *, key: str | None = None) -> Frame:
        """Run a command; its `reply` or `error` frame."""
        ref = uuid.uuid4().hex
        await self.send({"type": "command", "ref": ref, "name": name, "data": data, "key": key})
        return await self.read(lambda frame: frame.get("ref") == ref)
