"""The frames of the wire, typed. One JSON object a frame; `type` says which."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from realtime.framing import framed

PROTOCOL_VERSION = 1
#: Bytes of one frame from a client.
MAX_FRAME = 64 * 1024

Ref = Annotated[str, Meta(min_length=1, max_length=64)]
Offset = Annotated[int, Meta(ge=0)]
#: No control characters: no database keeps a NUL, and one client must not spoil what is written for many together.
Device = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Position(msgspec.Struct, frozen=True):
    """Up to where a client knows a topic, and in which epoch."""

    offset: Offset
    epoch: str


# --- from the client ------------------------------------------------------------------------------------------------


class Connect(msgspec.Struct, frozen=True, kw_only=True, tag="connect"):
    """The first frame. Exactly one of `token` and `resume_token`."""

    ref: Ref
    device: Device
    token: str | None = None
    resume_token: str | None = None
    topics: dict[str, Position] = msgspec.field(default_factory=dict)


class Command(msgspec.Struct, frozen=True, kw_only=True, tag="command"):
    """Do something. `key`: the client's idempotency key, the same in every try."""

    ref: Ref
    name: Annotated[str, Meta(max_length=100)]
    data: msgspec.Raw = msgspec.Raw(b"{}")
    key: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class Received(msgspec.Struct, frozen=True, kw_only=True, tag="received"):
    """The device has everything up to these offsets."""

    topics: dict[str, Offset]


class Seen(msgspec.Struct, frozen=True, kw_only=True, tag="seen"):
    """The device has shown everything up to these offsets to a person."""

    topics: dict[str, Offset]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is written about: a thing of this `kind`, e.g. an `alert`."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    id: UUID


class Typing(msgspec.Struct, frozen=True, kw_only=True, tag="typing"):
    """A person is writing about `subject`. Said again every few seconds for as long as he does."""

    subject: Subject


class Ping(msgspec.Struct, frozen=True, kw_only=True, tag="ping"):
    """A sign of life. With a `ref` the server answers `pong`."""

    ref: Ref | None = None


ClientFrame = Connect | Command | Received | Seen | Typing | Ping

# --- from the server ------------------------------------------------------------------------------------------------


class TopicState(msgspec.Struct, frozen=True, kw_only=True):
    """`recovered`: everything since the client's position follows. Else: read a snapshot, then go on from `head`."""

    head: int
    epoch: str
    recovered: bool


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome"):
    """The socket is open. `open_alerts`: each as `AlertView`; responders get the estate's, others their own."""

    ref: str
    session: UUID
    resume_token: str
    heartbeat_s: float
    topics: dict[str, TopicState]
    open_alerts: list[Any]


class Subscriptions(msgspec.Struct, frozen=True, kw_only=True, tag="subscriptions"):
    """What the client may hear has changed while it is connected. Of a joined topic: read a snapshot, go on from there.

    `resume_token` takes the place of the one before, which is worth nothing any more.
    """

    joined: dict[str, TopicState]
    left: list[str]
    resume_token: str


class EventFrame(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """Something happened. `offset`: its place in `topic`, without a gap. `id`: the same in every topic it went to."""

    topic: str
    offset: int
    id: UUID
    event: str
    at: datetime
    actor: dict[str, Any]
    data: Any


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag="reply"):
    """A command was carried out."""

    ref: str
    data: Any


class Error(msgspec.Struct, frozen=True, kw_only=True, tag="error"):
    """`temporary`: the same frame may be answered later. `errors`: the members that caused it."""

    code: str
    message: str
    temporary: bool
    ref: str | UnsetType = UNSET
    errors: list[dict[str, str]] | UnsetType = UNSET


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag="heartbeat"):
    """Comes every `heartbeat_s` seconds. `heads`: the offset that was sent out last in each topic."""

    heads: dict[str, int]


class Pong(msgspec.Struct, frozen=True, kw_only=True, tag="pong"):
    """Answers a `ping` with a `ref`."""

    ref: str


class PostRef(msgspec.Struct, frozen=True, kw_only=True):
    """A guard post to which a device belongs."""

    id: UUID
    name: str


class DeviceMeta(msgspec.Struct, frozen=True, kw_only=True):
    """One device that is here. `since`: when it came."""

    device: str
    since: datetime
    post: PostRef | None


class PersonHere(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with at least one device that is here."""

    name: str
    metas: list[DeviceMeta]


class PresenceState(msgspec.Struct, frozen=True, kw_only=True, tag="presence_state"):
    """Who guards the estate and is here, by member id: the whole. It takes the place of what was known before.

    `unlisted`: devices that are here and left out, the list having its limit.
    """

    present: dict[str, PersonHere]
    unlisted: int


class PresenceDiff(msgspec.Struct, frozen=True, kw_only=True, tag="presence_diff"):
    """What has changed since the last presence frame. First take `leaves` away, device by device, then add `joins`."""

    joins: dict[str, PersonHere]
    leaves: dict[str, PersonHere]
    unlisted: int


class MemberTyping(msgspec.Struct, frozen=True, kw_only=True, tag="member_typing"):
    """Somebody is writing about `subject`: show it for `lasts_s` seconds, or until what he wrote comes.

    Comes on the topics on which that will come; to who writes as well.
    """

    topic: str
    subject: Subject
    member_id: UUID
    name: str
    lasts_s: float


ServerFrame = (
    Welcome
    | Subscriptions
    | EventFrame
    | Reply
    | Error
    | Heartbeat
    | Pong
    | PresenceState
    | PresenceDiff
    | MemberTyping
)

Kind = Literal["received", "seen"]

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_encoder = msgspec.json.Encoder()


def decode(payload: bytes) -> ClientFrame:
    """Raises `msgspec.DecodeError` (of which `ValidationError` is one kind)."""
    return _decoder.decode(payload)


def encode(frame: ServerFrame) -> bytes:
    """The frame as it goes to the network, websocket framing included."""
    return framed(_encoder.encode(frame))
