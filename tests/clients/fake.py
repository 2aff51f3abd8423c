"""A server that says what a test tells it to: REST's sign-in and commands, and a scripted socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.server import ServerConnection, serve

from clustr_client import Account, Door, Feed, Patience, Timing
from clustr_client.doors import Doors

Frame = dict[str, Any]

TOPIC = "estate.1.all"
#: Everything at a tenth of real life.
QUICK = Timing(first_wait_s=0.05, most_wait_s=0.2, welcome_s=2, settled_s=0.15, lasted_s=0)
HASTY = Patience(socket_s=0.1, reply_s=0.3, first_retry_s=0.05, most_retry_s=0.1)


class Peer:
    """The server's end of one socket."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.frames: list[Frame] = []

    async def read(self, type: str) -> Frame:
        """The next frame of this type; others on the way are kept in `frames` as well."""
        async with asyncio.timeout(5):
            while True:
                frame: Frame = json.loads(await self._connection.recv())
                self.frames.append(frame)
                if frame["type"] == type:
                    return frame

    async def say(self, **frame: Any) -> None:
        await self._connection.send(json.dumps(frame))

    async def welcome(
        self, head: int = 0, *, recovered: bool = False, epoch: str = "e", heartbeat_s: float = 60
    ):
        """Read `connect` and answer it; what the client said."""
        connect = await self.read("connect")
        await self.say(
            type="welcome",
            ref=connect["ref"],
            session="01a2008f-2a60-70bf-b926-ab61adae0f98",
            resume_token="resume",
            heartbeat_s=heartbeat_s,
            topics={TOPIC: {"head": head, "epoch": epoch, "recovered": recovered}},
            open_alerts=[],
        )
        return connect

    async def event(self, offset: int, *, id: int | None = None, topic: str = TOPIC) -> None:
        await self.say(
            type="event",
            topic=topic,
            offset=offset,
            id=f"00000000-0000-0000-0000-{id or offset:012d}",
            event="planted.thing.happened",
            at="2026-11-22T00:00:00Z",
            actor={"kind": "system", "id": None, "name": "ClustR"},
            data={"number": offset},
        )

    async def close(self, code: int) -> None:
        await self._connection.close(code)

    async def closed(self) -> None:
        """Wait until the client has gone."""
        async with asyncio.timeout(5):
            await self._connection.wait_closed()


class FakeServer:
    """`calls`: what came by REST: method, path, body, idempotency key."""

    def __init__(self) -> None:
        self.ws = ""
        self.http = "http://estate.example"
        self.calls: list[tuple[str, str, Any, str | None]] = []
        self.answers: dict[str, list[httpx.Response | Exception]] = {}
        self.tokens = 0
        #: What signing in is answered with.
        self.login = 200
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self._over = asyncio.Event()

    async def accept(self, connection: ServerConnection) -> None:
        await self._peers.put(Peer(connection))
        await self._over.wait()

    async def peer(self) -> Peer:
        """The next socket that a client opens."""
        async with asyncio.timeout(5):
            return await self._peers.get()

    async def no_peer(self, seconds: float = 0.4) -> bool:
        """Whether nobody comes for so long."""
        await asyncio.sleep(seconds)
        return self._peers.empty()

    def release(self) -> None:
        """Let go of every socket."""
        self._over.set()

    def rest(self, request: httpx.Request) -> httpx.Response:
        """`answers`, by the end of the path, one after the other; the last one stays."""
        path = request.url.path
        if path.endswith("/auth/login") and self.login != 200:
            return httpx.Response(self.login, json={"status": self.login, "errors": []})
        if path.endswith("/auth/login"):
            return httpx.Response(200, json={"meta": {"access_token": "access", "refresh_token": "refresh"}})
        if path.endswith("/tokens/refresh"):
            return httpx.Response(200, json={"data": {"access_token": "access2", "refresh_token": "r2"}})
        body = json.loads(request.content) if request.content else None
        self.calls.append((request.method, path, body, request.headers.get("Idempotency-Key")))
        for ending, answers in self.answers.items():
            if path.endswith(ending):
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if isinstance(answer, Exception):
                    raise answer
                return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
        if path.endswith("/realtime/tokens/"):
            self.tokens += 1
            return httpx.Response(201, json={"token": f"token-{self.tokens}"})
        return httpx.Response(404, json={"code": "not_found", "title": "Not found"})

    def posted(self, ending: str) -> list[tuple[str, str, Any, str | None]]:
        return [call for call in self.calls if call[1].endswith(ending)]


class Heard:
    """What a feed told its listeners, and the feed."""

    def __init__(self) -> None:
        self.offsets: list[int] = []
        self.snapshots: list[dict[str, int]] = []
        self.lost: list[int | None] = []
        self.feed: Feed

    async def until(self, wanted: Any) -> None:
        async with asyncio.timeout(5):
            while not wanted():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def fake_server() -> AsyncIterator[FakeServer]:
    fake = FakeServer()
    async with serve(fake.accept, "127.0.0.1", 0) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        fake.ws = f"ws://127.0.0.1:{port}/ws/v1/"
        try:
            yield fake
        finally:
            fake.release()


@asynccontextmanager
async def fed_by(*servers: FakeServer, **options: Any) -> AsyncIterator[Heard]:
    """A started feed of these servers, the first one's REST behind it."""
    heard = Heard()
    http = httpx.AsyncClient(transport=httpx.MockTransport(servers[0].rest))
    account = Account(Doors([Door(servers[0].http, "")]), name="ada@x.example", password="x", http=http)
    heard.feed = Feed(
        [Door(server.http, server.ws) for server in servers],
        account,
        estate_id="1",
        device="d",
        **{
            "on_event": lambda event: heard.offsets.append(event.offset),
            "on_snapshot": lambda topics: heard.snapshots.append(dict(topics)),
            "on_lost": heard.lost.append,
            "timing": QUICK,
            "patience": HASTY,
            **options,
        },
    )
    async with heard.feed:
        yield heard
    await account.aclose()
