"""The estate's feed and commands, as a program uses them."""

import asyncio
import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self

from clustr_client.connection import Connection, State, Timing
from clustr_client.doors import AnyDoor, Doors
from clustr_client.errors import GaveUp, Stopped
from clustr_client.frames import Error, Event, MemberTyping, PersonHere, Reply, Subject, Typing, Welcome
from clustr_client.outbox import Entry, Outbox, Patience
from clustr_client.positions import Positions, RecentIds, Verdict
from clustr_client.receipts import COLLECT_S, Receipts
from clustr_client.rest import Account
from clustr_client.socket import Dial, dial
from clustr_client.twins import twin_of

log = logging.getLogger("clustr_client")

#: Events that may wait for a slow listener before the socket is read no further.
MOST_WAITING = 1000

#: The member of a command's data that makes a retry the same thing.
MADE_HERE = {"emergency.alert.raise": "id", "emergency.message.post": "message_id"}

EventListener = Callable[[Event], Awaitable[None] | None]
#: Given topics and heads for which nothing was replayed: at first, where continuity could not be proven, and where a
#: topic was joined on the way.
SnapshotListener = Callable[[Mapping[str, int]], Awaitable[None] | None]
WelcomeListener = Callable[[Welcome], None]
#: Told at once what `on_snapshot` is told in its turn.
PlacedListener = Callable[[Mapping[str, int]], None]
#: Given the close code, None where the line broke or went silent.
LostListener = Callable[[int | None], None]
#: Given who is here, by member id, whenever that changes; None from when it is not known any more.
PresenceListener = Callable[[Mapping[str, PersonHere] | None], None]
#: Given who is writing about what. Our own writing comes back too.
TypingListener = Callable[[MemberTyping], None]
#: Sees every event frame of the wire with what became of it, before anything is dropped.
Observer = Callable[[Event, Verdict], None]


def nothing(*_: object) -> None:
    """A listener that does not listen."""


class Feed:
    """One person's device in one estate.

    `doors`: public addresses, or `Door`s, tried in turn. `device`: the same each time this device connects. Listeners
    are called one after the other, in the order of the wire; `on_event` and `on_snapshot` may be coroutine functions.
    A listener that fails is logged, and the next event comes. `is_receipting`: whether the server is told what has
    arrived here, which is when the listener has had it.
    """

    def __init__(
        self,
        doors: Sequence[AnyDoor | str],
        account: Account,
        *,
        estate_id: str,
        device: str,
        on_event: EventListener = nothing,
        on_snapshot: SnapshotListener = nothing,
        on_welcome: WelcomeListener = nothing,
        on_placed: PlacedListener = nothing,
        on_lost: LostListener = nothing,
        on_presence: PresenceListener = nothing,
        on_typing: TypingListener = nothing,
        observe: Observer = nothing,
        is_receipting: bool = True,
        positions: Positions | None = None,
        timing: Timing | None = None,
        patience: Patience | None = None,
        collect_s: float = COLLECT_S,
        dial: Dial = dial,
    ) -> None:
        self._account = account
        self._estate = f"/api/v1/estates/{estate_id}/"
        self._on_event = on_event
        self._on_snapshot = on_snapshot
        self._on_welcome = on_welcome
        self._on_placed = on_placed
        self._on_lost = on_lost
        self._on_presence = on_presence
        self._on_typing = on_typing
        self._observe = observe
        self._is_receipting = is_receipting
        self.connection = Connection(
            Doors(doors),
            _Ears(self),
            device=device,
            token=self._connection_token,
            positions=positions,
            timing=timing,
            dial=dial,
        )
        self._outbox = Outbox(self.connection, self._post, patience=patience)
        self._receipts = Receipts(self.connection.send, collect_s=collect_s)
        self._ids = RecentIds()
        self._inbox: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._has_room = asyncio.Event()
        self._living: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._ended: GaveUp | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    @property
    def state(self) -> State:
        return self.connection.state

    @property
    def gave_up(self) -> GaveUp | None:
        """Why the feed has ended for good; None while it lives."""
        return self._ended

    @property
    def positions(self) -> Positions:
        """Where this client stands; kept by the caller, a restarted program can go on from there."""
        return self.connection.positions

    @property
    def presence(self) -> Mapping[str, PersonHere] | None:
        """Who guards the estate and is here, by member id; None while that is not known, or not ours to know."""
        return self.connection.presence.people

    @property
    def waiting(self) -> list[tuple[str, str]]:
        """Name and key of the commands that the server has not answered yet."""
        return self._outbox.waiting

    def start(self) -> None:
        """Begin to connect."""
        if self._living is None:
            self._living = asyncio.create_task(self._live(), name="clustr live")
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="clustr tell")

    async def stop(self) -> None:
        """Say what was received, close in good order, end everything. The sign-in stays."""
        self._receipts.flush()
        await self.pause()
        await _cancelled(self._telling)
        self._telling = None
        await self._outbox.abandon(Stopped("The feed was stopped."))

    async def pause(self) -> None:
        """Off the network until `start`: positions, receipts and commands are kept, listeners are told the rest."""
        # What was just handed to the socket goes out first.
        await asyncio.sleep(0)
        await _cancelled(self._living)
        self._living = None
        self._outbox.lost()

    async def ended(self) -> None:
        """Wait for the end of the feed. Raises `GaveUp` where the server said no."""
        if self._living is not None:
            await asyncio.wait([self._living])
        if self._ended is not None:
            raise self._ended

    async def command(self, name: str, data: Mapping[str, Any], *, key: str | None = None) -> Any:
        """Carry out a command such as `emergency.alert.raise`; its answer, however long there is no network.

        `key`: the idempotency key, made here where it is not given. An SOS without an `id`, and a message without a
        `message_id`, gets one: a retry must not become a second one. Raises `Refused`, `GaveUp`, `Stopped`.
        """
        if self._ended is not None:
            raise self._ended
        content = dict(data)
        if name in MADE_HERE:
            content.setdefault(MADE_HERE[name], str(uuid.uuid4()))
        return await self._outbox.send(name, content, key or uuid.uuid4().hex)

    def seen(self, topic: str, offset: int) -> None:
        """A person has looked at everything of `topic` up to `offset`."""
        self._receipts.note("seen", topic, offset)

    def typing(self, kind: str, subject_id: uuid.UUID) -> bool:
        """A person is writing, e.g. about an `alert`. To be said again every few seconds; whether it went out.

        It is worth something now or never, so it is not kept where there is no connection.
        """
        return self.connection.send(Typing(subject=Subject(kind=kind, id=subject_id)))

    async def get(self, path: str) -> Any:
        """REST below the estate's address."""
        return await self._account.call("GET", self._estate + path)

    async def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> Any:
        """REST below the estate's address."""
        return await self._account.call("POST", self._estate + path, body=body, key=key)

    # --- below --------------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        try:
            await self.connection.run()
        except GaveUp as gave_up:
            log.warning("The feed has ended: %s", gave_up)
            self._ended = gave_up
            await self._outbox.abandon(gave_up)

    async def _tell(self) -> None:
        while True:
            job = await self._inbox.get()
            self._has_room.set()
            try:
                await job()
            except Exception:
                log.exception("A listener failed")

    async def _connection_token(self) -> str:
        return str((await self.post("realtime/tokens/"))["token"])

    def _post(self, entry: Entry) -> Awaitable[Any] | None:
        twin = twin_of(entry.name, entry.data)
        if twin is None:
            return None
        return self._account.call(twin.method, self._estate + twin.path, body=twin.body, key=entry.key)

    def _received(self, topic: str, offset: int) -> None:
        if self._is_receipting:
            self._receipts.note("received", topic, offset)


class _Ears:
    """What the connection tells the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def has_room(self) -> None:
        feed = self._feed
        while feed._inbox.qsize() >= MOST_WAITING:
            feed._has_room.clear()
            await feed._has_room.wait()

    def on_welcome(self, welcome: Welcome, unproven: Mapping[str, int]) -> None:
        feed = self._feed
        feed._receipts.forget(unproven)
        feed._receipts.repeat()
        feed._outbox.nudge()
        _safely(feed._on_welcome, welcome)
        self._placed(unproven)

    def on_joined(self, unproven: Mapping[str, int]) -> None:
        self._feed._receipts.forget(unproven)
        self._placed(unproven)

    def _placed(self, unproven: Mapping[str, int]) -> None:
        if unproven:
            _safely(self._feed._on_placed, unproven)
            self._feed._inbox.put_nowait(partial(self._tell_of_snapshot, unproven))

    def on_event(self, event: Event, verdict: Verdict) -> None:
        feed = self._feed
        _safely(feed._observe, event, verdict)
        if verdict is Verdict.NEXT:
            feed._inbox.put_nowait(partial(self._tell_of_event, event, is_new=feed._ids.add(event.id)))

    def on_answer(self, frame: Reply | Error) -> None:
        self._feed._outbox.answered(frame)

    def on_presence(self) -> None:
        _safely(self._feed._on_presence, self._feed.presence)

    def on_typing(self, frame: MemberTyping) -> None:
        _safely(self._feed._on_typing, frame)

    def on_lost(self, code: int | None) -> None:
        self._feed._outbox.lost()
        _safely(self._feed._on_lost, code)

    async def _tell_of_snapshot(self, unproven: Mapping[str, int]) -> None:
        await _called(self._feed._on_snapshot(unproven))
        for topic, head in unproven.items():
            self._feed._received(topic, head)

    async def _tell_of_event(self, event: Event, *, is_new: bool) -> None:
        try:
            if is_new:
                await _called(self._feed._on_event(event))
        finally:
            self._feed._received(event.topic, event.offset)


def _safely(listener: Callable[..., None], *given: object) -> None:
    try:
        listener(*given)
    except Exception:
        log.exception("A listener failed")


async def _called(result: Awaitable[None] | None) -> None:
    if inspect.isawaitable(result):
        await result


async def _cancelled(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
