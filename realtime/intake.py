"""One socket's receiving side: frames in, commands run, receipts kept, nonsense refused."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Mapping

import msgspec

from core.errors import ClustrError
from realtime.close_codes import CloseCode
from realtime.commands import commands, run_command
from realtime.frames import (
    MAX_FRAME,
    ClientFrame,
    Command,
    Connect,
    Error,
    Kind,
    Ping,
    Pong,
    Received,
    Reply,
    Seen,
    Typing,
    decode,
    encode,
)
from realtime.hub import Hub
from realtime.session import Session
from realtime.threads import in_thread, in_urgent_thread

log = logging.getLogger(__name__)

#: Frames a second that a socket may send for long, and how many it may save up.
FRAMES_PER_S = 50
FRAMES_BURST = 200
#: Frames over the limit after which the socket is closed.
FRAMES_FORGIVEN = 300
#: Commands of one socket that may wait for their turn.
COMMANDS_WAITING = 50


class BadFrame(Exception):
    """The client does not speak the protocol: the socket is closed with `BAD_FRAME`."""


def parse(payload: bytes | None) -> ClientFrame:
    """The frame in a websocket message's payload; None stands for a binary message. Raises `BadFrame`."""
    if payload is None:
        raise BadFrame("frames are JSON text, not binary")
    if len(payload) > MAX_FRAME:
        raise BadFrame(f"a frame may have at most {MAX_FRAME} bytes")
    try:
        return decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadFrame(str(error)[:100]) from None


class Budget:
    """A token bucket: how much a socket may still send."""

    def __init__(self) -> None:
        self._left = float(FRAMES_BURST)
        self._at = time.monotonic()
        self.refused = 0

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(FRAMES_BURST, self._left + (now - self._at) * FRAMES_PER_S)
        self._at = now
        if self._left < 1:
            self.refused += 1
            return False
        self._left -= 1
        return True


class Intake:
    """Takes a connected client's frames. Its commands run one after the other, in the order in which they came."""

    __slots__ = ("_budget", "_hub", "_running", "_session", "_urgent", "_waiting")

    def __init__(self, session: Session, hub: Hub) -> None:
        self._session = session
        self._hub = hub
        self._budget = Budget()
        # Made with the first command: most sockets listen.
        self._waiting: deque[Command] | None = None
        self._running: asyncio.Task[None] | None = None
        self._urgent: set[asyncio.Task[None]] | None = None

    # --- what a connection tells ------------------------------------------------------------------------------------

    def took(self, payload: bytes | None) -> None:
        """A message came. What is no frame of the protocol closes the socket."""
        try:
            self.take(parse(payload))
        except BadFrame as error:
            self._session.push(encode(Error(code="bad_frame", message=str(error), temporary=False)))
            self._session.close(CloseCode.BAD_FRAME, str(error)[:120])
        except Exception:
            log.exception("A frame could not be taken")
            self._session.close(CloseCode.RESTART, "this failed on our side")

    def is_ready(self) -> None:
        """The connection has room again."""
        self._session.send_waiting()

    def gone(self) -> None:
        """The peer is gone."""
        self._session.close(1000, "the client has gone")

    # --- frames -----------------------------------------------------------------------------------------------------

    def take(self, frame: ClientFrame) -> None:
        """Accept one frame; never waits. Raises `BadFrame`."""
        if self._session.closed_with is not None:
            return
        self._session.heard_at = time.monotonic()
        # Nobody who calls for help is told to slow down.
        is_exempt = isinstance(frame, Command) and frame.name in commands and commands[frame.name].exempt
        if not is_exempt and not self._budget.take():
            self._refuse(frame)
            return
        match frame:
            case Ping(ref=ref):
                if ref is not None:
                    self._session.push(encode(Pong(ref=ref)))
            case Received(topics=topics):
                self._note("received", topics)
            case Seen(topics=topics):
                self._note("seen", topics)
            case Typing(subject=subject):
                self._hub.typing.note(self._session.member, subject)
            case Command():
                self._queue(frame, is_exempt=is_exempt)
            case Connect():
                raise BadFrame("this socket is connected already")

    async def finish(self) -> None:
        """Let an SOS that was taken run to its end, though its socket is gone; everything else ends."""
        if self._running is not None:
            self._running.cancel()
        if self._urgent:
            await asyncio.gather(*self._urgent, return_exceptions=True)

    def _note(self, kind: Kind, topics: Mapping[str, int]) -> None:
        for topic, offset in topics.items():
            if topic in self._session.topics:
                # A client cannot have what was not sent: a receipt from the future would end somebody's escalation.
                believed = min(offset, self._hub.head_of(topic))
                if believed > 0:
                    self._hub.receipts.note(self._session, kind, topic, believed)

    def _queue(self, frame: Command, *, is_exempt: bool) -> None:
        if is_exempt:
            if self._urgent is None:
                self._urgent = set()
            task = asyncio.create_task(self._run(frame, urgent=True))
            self._urgent.add(task)
            task.add_done_callback(self._urgent.discard)
            return
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= COMMANDS_WAITING:
            self._refuse(frame)
            return
        self._waiting.append(frame)
        if self._running is None:
            self._running = asyncio.create_task(self._run_waiting())

    async def _run_waiting(self) -> None:
        while self._waiting:
            await self._run(self._waiting.popleft(), urgent=False)
        self._running = None

    async def _run(self, frame: Command, *, urgent: bool) -> None:
        run = in_urgent_thread if urgent else in_thread
        try:
            data = await run(
                run_command, frame.name, bytes(frame.data), key=frame.key, actor=self._session.member
            )
        except ClustrError as error:
            answer = encode(
                Error(
                    ref=frame.ref,
                    code=error.code,
                    message=error.detail,
                    temporary=error.temporary,
                    errors=error.fields or msgspec.UNSET,
                )
            )
        except Exception:
            log.exception("Command %s failed", frame.name)
            answer = encode(
                Error(
                    ref=frame.ref,
                    code="internal",
                    message="This failed on our side. Try again.",
                    temporary=True,
                )
            )
        else:
            answer = encode(Reply(ref=frame.ref, data=data))
        self._session.push(answer, urgent=urgent)

    def _refuse(self, frame: ClientFrame) -> None:
        if self._budget.refused > FRAMES_FORGIVEN:
            self._session.close(CloseCode.TOO_MANY_FRAMES, "far too many frames")
        elif isinstance(frame, Command):
            self._session.push(
                encode(
                    Error(
                        ref=frame.ref, code="rate_limited", message="Too many frames; wait.", temporary=True
                    )
                )
            )
