"""A live connection that is kept alive: connect, prove that nothing was missed, notice silence, come back."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from clustr_client.backoff import UNAUTHENTICATED, After, Backoff, after_close
from clustr_client.doors import Doors
from clustr_client.errors import GaveUp, Refused, Unreachable
from clustr_client.frames import (
    Command,
    Connect,
    Error,
    Event,
    FromServer,
    Heartbeat,
    MemberTyping,
    Ping,
    PresenceDiff,
    PresenceState,
    Received,
    Reply,
    Seen,
    Subscriptions,
    Typing,
    Welcome,
    decode,
    encode,
)
from clustr_client.heads import SETTLED_S, HeadsCheck
from clustr_client.positions import Positions, Verdict
from clustr_client.presence import Presence
from clustr_client.socket import Broken, Dial, Socket, dial

log = logging.getLogger("clustr_client")

#: Close code of ours for a connection that has gone quiet or has lost something.
CLOSE_RESUMING = 4009
CLOSE_NORMAL = 1000
#: REST's answers to a request for a token after which asking again is useless.
NO_TOKEN = {
    401: "The sign-in has ended.",
    403: "This member may not open a socket.",
    404: "The membership has ended.",
}


class State(StrEnum):
    """What a page would show."""

    IDLE = "idle"
    CONNECTING = "connecting"
    LIVE = "live"
    WAITING = "waiting"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, except `silence`: heartbeats without any frame after which the server is taken for gone."""

    first_wait_s: float = 0.5
    most_wait_s: float = 15.0
    welcome_s: float = 10.0
    silence: float = 2.2
    settled_s: float = SETTLED_S
    #: A connection that lasted so long starts the backoff from the beginning.
    lasted_s: float = 10.0


class Above(Protocol):
    """Who uses the connection. Only `has_room` may wait: it is asked before each event.

    An event is judged and handed over in one go: a connection that is broken off in between would have moved on and not
    said so.
    """

    async def has_room(self) -> None: ...
    def on_welcome(self, welcome: Welcome, unproven: Mapping[str, int]) -> None: ...
    def on_joined(self, unproven: Mapping[str, int]) -> None: ...
    def on_event(self, event: Event, verdict: Verdict) -> None: ...
    def on_answer(self, frame: Reply | Error) -> None: ...
    def on_presence(self) -> None: ...
    def on_typing(self, frame: MemberTyping) -> None: ...
    def on_lost(self, code: int | None) -> None: ...


class Connection:
    """`token`: gets a connection token by REST; raises `Refused`, `Unreachable`."""

    def __init__(
        self,
        doors: Doors,
        above: Above,
        *,
        device: str,
        token: Callable[[], Awaitable[str]],
        positions: Positions | None = None,
        timing: Timing | None = None,
        dial: Dial = dial,
    ) -> None:
        self.state = State.IDLE
        self.positions = positions or Positions()
        self.presence = Presence()
        self._doors = doors
        self._above = above
        self._device = device
        self._token = token
        self._timing = timing or Timing()
        self._dial = dial
        self._backoff = Backoff(self._timing.first_wait_s, self._timing.most_wait_s)
        self._heads = HeadsCheck(self.positions, self.resume, settled_s=self._timing.settled_s)
        self._resume_token = ""
        self._is_token_refused = False
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._resuming = asyncio.Event()
        self._live_since = 0.0

    @property
    def is_live(self) -> bool:
        return self.state is State.LIVE

    def send(self, frame: Command | Received | Seen | Typing | Ping) -> bool:
        """Whether there is a live connection that takes it."""
        if self.is_live:
            self._outgoing.put_nowait(encode(frame))
        return self.is_live

    def resume(self) -> None:
        """Drop this socket and come back: something was lost, or the network has changed."""
        self._resuming.set()

    async def run(self) -> None:
        """For ever. Raises `GaveUp` where the server says no for good."""
        try:
            while True:
                was_resuming = self._resume_token != ""
                try:
                    code = await self._live_once()
                except GaveUp:
                    raise
                except Exception:
                    # A mistake, here or in an answer, must not silence an estate's feed: it is logged, and tried again.
                    log.exception("The connection failed")
                    code = None
                self._ended(code)
                if self._judge(code, was_resuming=was_resuming) is After.NEW_TOKEN:
                    continue
                self._doors.turn()
                self.state = State.WAITING
                await asyncio.sleep(self._backoff.next())
        finally:
            self.state = State.ENDED

    # --- one socket ---------------------------------------------------------------------------------------------------

    async def _live_once(self) -> int | None:
        """From the token to the end of a socket; the server's close code, if there was one."""
        self.state = State.CONNECTING
        self._resuming.clear()
        self._outgoing = asyncio.Queue()
        connect = await self._connect_frame()
        if connect is None:
            return None
        socket: Socket | None = None
        try:
            socket = await self._dial(self._doors.present.ws)
            await socket.send(encode(connect))
            heartbeat_s = await self._welcomed(socket)
            return await self._serve(socket, heartbeat_s)
        except Broken as broken:
            return broken.code
        except TimeoutError:
            return None
        finally:
            if socket is not None:
                await _let_go(socket, CLOSE_RESUMING if self._resuming.is_set() else CLOSE_NORMAL)

    async def _connect_frame(self) -> Connect | None:
        """With the newest credentials; None where REST does not answer. Raises `GaveUp`."""
        token: str | None = None
        if not self._resume_token:
            try:
                token = await self._token()
            except Unreachable:
                return None
            except Refused as refused:
                if refused.status in NO_TOKEN:
                    raise GaveUp(f"{NO_TOKEN[refused.status]} {refused}") from refused
                return None
        return Connect(
            ref=uuid.uuid4().hex,
            device=self._device,
            token=token,
            resume_token=self._resume_token or None,
            topics=self.positions.for_connect(),
        )

    async def _welcomed(self, socket: Socket) -> float:
        """Wait for the welcome and take it over; the seconds between heartbeats."""
        async with asyncio.timeout(self._timing.welcome_s):
            while not isinstance(frame := decode(await socket.receive()), Welcome):
                if isinstance(frame, Error):
                    log.warning("The server refuses the connection: %s (%s)", frame.message, frame.code)
        self._resume_token = frame.resume_token
        self._is_token_refused = False
        self._live_since = asyncio.get_running_loop().time()
        unproven = self.positions.welcome(frame.topics)
        self.state = State.LIVE
        self._above.on_welcome(frame, unproven)
        return frame.heartbeat_s

    async def _serve(self, socket: Socket, heartbeat_s: float) -> int | None:
        """Read, write and give signs of life until one of them ends."""
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._read(socket, heartbeat_s),
                self._write(socket),
                self._ping(heartbeat_s),
                self._wait_for_resume(),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # The first that ended says why: reading goes before writing, it knows the close code.
            next(task for task in tasks if task in done).result()
            return None
        finally:
            self._heads.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, socket: Socket, heartbeat_s: float) -> None:
        while True:
            async with asyncio.timeout(heartbeat_s * self._timing.silence):
                text = await socket.receive()
            await self._take(decode(text))

    async def _take(self, frame: FromServer | None) -> None:
        match frame:
            case Event():
                await self._above.has_room()
                verdict = self.positions.take(frame.topic, frame.offset)
                self._above.on_event(frame, verdict)
                if verdict is Verdict.GAP:
                    log.warning("A gap before %s %d: resuming", frame.topic, frame.offset)
                    raise Broken
            case Subscriptions(joined=joined, left=left, resume_token=resume_token):
                self._resume_token = resume_token
                self._above.on_joined(self.positions.change(joined, left))
                if self.presence.leave(left):
                    self._above.on_presence()
            case PresenceState() | PresenceDiff():
                if self.presence.take(frame):
                    self._above.on_presence()
            case MemberTyping():
                self._above.on_typing(frame)
            case Heartbeat(heads=heads):
                self._heads.compare(heads)
            case Reply() | Error():
                self._above.on_answer(frame)
            case _:
                pass

    async def _write(self, socket: Socket) -> None:
        while True:
            await socket.send(await self._outgoing.get())

    async def _ping(self, heartbeat_s: float) -> None:
        while True:
            await asyncio.sleep(heartbeat_s * 0.8)
            self.send(Ping())

    async def _wait_for_resume(self) -> None:
        await self._resuming.wait()

    # --- after it -----------------------------------------------------------------------------------------------------

    def _ended(self, code: int | None) -> None:
        now = asyncio.get_running_loop().time()
        was_live = self.is_live
        if was_live and now - self._live_since >= self._timing.lasted_s:
            # Coming back at once is right after an hour of peace and wrong in a loop.
            self._backoff.reset()
        self.state = State.WAITING
        if self.presence.forget():
            self._above.on_presence()
        if was_live or code is not None:
            self._above.on_lost(code)

    def _judge(self, code: int | None, *, was_resuming: bool) -> After:
        """Raises `GaveUp`."""
        after = after_close(code, was_resuming=was_resuming)
        if code == UNAUTHENTICATED:
            self._resume_token = ""
        if after is not After.STOP:
            return after
        if code == UNAUTHENTICATED and not self._is_token_refused:
            # Once more with another new token: the roles may have changed since, or its minute was over.
            self._is_token_refused = True
            return After.WAIT
        raise GaveUp(f"The server closed with {code}, which means: do not come back.", code=code)


async def _let_go(socket: Socket, code: int) -> None:
    """Without waiting for long: over a dead network the closing handshake takes minutes."""
    with suppress(Broken, TimeoutError, OSError):
        async with asyncio.timeout(1):
            await socket.close(code)
