"""Commands are kept until the server has answered them."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from clustr_client.backoff import Backoff
from clustr_client.errors import ClientError, Refused, Unreachable
from clustr_client.frames import Command, Error, Reply
from clustr_client.twins import lane_of

UNAUTHORIZED = 401
#: A server that asks for patience (`Retry-After`) is given so many seconds at most.
LONGEST_ASKED_S = 60.0


class Line(Protocol):
    """The socket, as far as a command needs it."""

    @property
    def is_live(self) -> bool: ...

    def send(self, frame: Command) -> bool: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `socket_s`: for a socket to come up; `reply_s`: for its reply, before REST is tried as well."""

    socket_s: float = 1.0
    reply_s: float = 2.5
    first_retry_s: float = 1.0
    most_retry_s: float = 10.0


@dataclass(eq=False, slots=True)
class Entry:
    """One command on its way. `key`: the same in every try, so that several tries are one command."""

    name: str
    data: dict[str, Any]
    key: str
    answer: "asyncio.Future[Any]"
    tries: int = 0
    #: Seconds that the server asked for when it last refused for the time being.
    asked_s: float = 0.0
    replies: "asyncio.Queue[Reply | Error | None]" = field(default_factory=asyncio.Queue)


#: Sends a command by REST; None where it has no twin there. Raises `Refused`, `Unreachable`.
Post = Callable[[Entry], Awaitable[Any] | None]


class Outbox:
    """Sends by the socket, by REST where that does not answer, and again until one of them does.

    Commands of one lane (`twins.lane_of`) go one after the other; other lanes do not wait for them.
    """

    def __init__(self, line: Line, post: Post, *, patience: Patience | None = None) -> None:
        self._line = line
        self._post = post
        self._patience = patience or Patience()
        self._entries: dict[str, Entry] = {}
        self._by_ref: dict[str, Entry] = {}
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._nudged = asyncio.Event()

    @property
    def waiting(self) -> list[tuple[str, str]]:
        """Name and key of what the server has not answered yet."""
        return [(entry.name, entry.key) for entry in self._entries.values()]

    async def send(self, name: str, data: dict[str, Any], key: str) -> Any:
        """The reply's data, however long it takes. Raises `Refused` where the server refuses for good.

        The same key while the first is on its way is the same command.
        """
        entry = self._entries.get(key)
        if entry is None:
            entry = Entry(name, data, key, asyncio.get_running_loop().create_future())
            self._entries[key] = entry
            self._queue(entry)
        # Who stops waiting does not take the command back.
        return await asyncio.shield(entry.answer)

    def answered(self, frame: Reply | Error) -> None:
        """The socket brought this."""
        entry = self._by_ref.get(frame.ref or "")
        if entry is not None:
            entry.replies.put_nowait(frame)

    def lost(self) -> None:
        """The socket broke: replies that were on their way will not come."""
        for entry in self._by_ref.values():
            entry.replies.put_nowait(None)

    def nudge(self) -> None:
        """Something is better now: whoever waits tries at once."""
        self._nudged.set()
        self._nudged = asyncio.Event()

    async def abandon(self, reason: ClientError) -> None:
        """Nothing will be sent any more: who waits is told `reason`."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for entry in self._entries.values():
            if not entry.answer.done():
                entry.answer.set_exception(reason)
                # Nobody may be waiting for it any more.
                entry.answer.exception()
        self._entries.clear()

    def _queue(self, entry: Entry) -> None:
        """Behind what is under way in the same lane."""
        lane = lane_of(entry.name, entry.data, entry.key)
        before = self._lanes.get(lane)
        task = asyncio.create_task(self._after(before, entry), name=f"{entry.name} {entry.key}")
        self._lanes[lane] = task
        self._tasks.add(task)

        def over(_: object) -> None:
            self._tasks.discard(task)
            if self._lanes.get(lane) is task:
                del self._lanes[lane]

        task.add_done_callback(over)

    async def _after(self, before: "asyncio.Task[None] | None", entry: Entry) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._deliver(entry)

    async def _deliver(self, entry: Entry) -> None:
        backoff = Backoff(self._patience.first_retry_s, self._patience.most_retry_s)
        while True:
            try:
                answer = await self._by_socket(entry) or await self._by_rest(entry)
            except Refused as refused:
                self._entries.pop(entry.key, None)
                entry.answer.set_exception(refused)
                return
            if answer is not None:
                self._entries.pop(entry.key, None)
                entry.answer.set_result(answer[0])
                return
            await self._rest(max(backoff.next(), entry.asked_s))

    async def _by_socket(self, entry: Entry) -> tuple[Any] | None:
        """The reply's data, wrapped; None: no answer, try another way. Raises `Refused`."""
        if not self._line.is_live and entry.tries == 0:
            await self._rest(self._patience.socket_s)
        ref = uuid.uuid4().hex
        entry.replies = asyncio.Queue()
        self._by_ref[ref] = entry
        try:
            if not self._line.send(Command(ref=ref, name=entry.name, data=entry.data, key=entry.key)):
                return None
            entry.tries += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.reply_s):
                    return _reply(await entry.replies.get())
            return None
        finally:
            del self._by_ref[ref]

    async def _by_rest(self, entry: Entry) -> tuple[Any] | None:
        """The same by REST."""
        request = self._post(entry)
        if request is None:
            return None
        entry.tries += 1
        try:
            return (await request,)
        except Unreachable:
            return None
        except Refused as refused:
            # Signed out is no refusal of this command.
            if refused.temporary or refused.status == UNAUTHORIZED:
                entry.asked_s = min(refused.retry_after_s, LONGEST_ASKED_S)
                return None
            raise

    async def _rest(self, seconds: float) -> None:
        """At most so long: a nudge ends it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nudged.wait(), seconds)


def _reply(frame: Reply | Error | None) -> tuple[Any] | None:
    match frame:
        case Reply():
            return (frame.data,)
        case Error(temporary=False):
            raise Refused(frame.message, code=frame.code, errors=frame.errors)
        case _:
            return None
