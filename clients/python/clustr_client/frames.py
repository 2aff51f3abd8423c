"""The frames of the wire (docs/realtime-protocol.md), as a client sees them. Unknown members are passed over."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Position(msgspec.Struct, frozen=True):
    """Up to where this client knows a topic, and in which epoch."""

    offset: int
    epoch: str


# --- to the server --------------------------------------------------------------------------------------------------


class Connect(msgspec.Struct, frozen=True, kw_only=True, tag="connect", omit_defaults=True):
    """The first frame."""

    ref: str
    device: str
    token: str | None = None
    resume_token: str | None = None
    topics: dict[str, Position] = msgspec.field(default_factory=dict)


class Command(msgspec.Struct, frozen=True, kw_only=True, tag="command"):
    """Do something. `key`: the same in every try."""

    ref: str
    name: str
    data: Any
    key: str


class Received(msgspec.Struct, frozen=True, kw_only=True, tag="received"):
    """This device has everything up to these offsets."""

    topics: dict[str, int]


class Seen(msgspec.Struct, frozen=True, kw_only=True, tag="seen"):
    """A person has looked at everything up to these offsets."""

    topics: dict[str, int]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is written about, e.g. an `alert`."""

    kind: str
    id: UUID


class Typing(msgspec.Struct, frozen=True, kw_only=True, tag="typing"):
    """A person is writing about `subject`."""

    subject: Subject


class Ping(msgspec.Struct, frozen=True, kw_only=True, tag="ping", omit_defaults=True):
    """A sign of life."""

    ref: str | None = None


ToServer = Connect | Command | Received | Seen | Typing | Ping

# --- from the server ------------------------------------------------------------------------------------------------


class TopicState(msgspec.Struct, frozen=True, kw_only=True):
    """`recovered`: everything since this client's position follows. Else: read a snapshot, then go on from `head`."""

    head: int
    epoch: str
    recovered: bool


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome"):
    """The socket is open. `open_alerts`: each as `AlertView`, replay or not."""

    ref: str
    session: UUID
    resume_token: str
    heartbeat_s: float
    topics: dict[str, TopicState]
    open_alerts: list[Any]


class Subscriptions(msgspec.Struct, frozen=True, kw_only=True, tag="subscriptions"):
    """What this client may hear has changed while it is connected. `resume_token`: the one before is void."""

    joined: dict[str, TopicState]
    left: list[str]
    resume_token: str


class Event(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """Something happened. `offset`: its place in `topic`. `id`: the same in every topic it was published to."""

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
    """A frame was refused."""

    code: str
    message: str
    temporary: bool
    ref: str | None = None
    errors: list[dict[str, str]] = msgspec.field(default_factory=list)


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag="heartbeat"):
    """`heads`: what was sent out last in each topic."""

    heads: dict[str, int]


class Pong(msgspec.Struct, frozen=True, kw_only=True, tag="pong"):
    """The answer to a `ping`."""

    ref: str


class PostRef(msgspec.Struct, frozen=True, kw_only=True):
    """A guard post to which a device belongs."""

    id: UUID
    name: str


class DeviceMeta(msgspec.Struct, frozen=True, kw_only=True):
    """One device that is here. `since`: when it came."""

    device: str
    since: datetime
    post: PostRef | None = None


class PersonHere(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with at least one device that is here."""

    name: str
    metas: list[DeviceMeta]


class PresenceState(msgspec.Struct, frozen=True, kw_only=True, tag="presence_state"):
    """Who guards the estate and is here, by member id: the whole. `unlisted`: devices that were left out."""

    present: dict[str, PersonHere]
    unlisted: int = 0


class PresenceDiff(msgspec.Struct, frozen=True, kw_only=True, tag="presence_diff"):
    """What has changed: first take `leaves` away, device by device, then add `joins`."""

    joins: dict[str, PersonHere]
    leaves: dict[str, PersonHere]
    unlisted: int = 0


class MemberTyping(msgspec.Struct, frozen=True, kw_only=True, tag="member_typing"):
    """Somebody is writing about `subject`; true for `lasts_s` seconds."""

    topic: str
    subject: Subject
    member_id: UUID
    name: str
    lasts_s: float = 5.0


FromServer = (
    Welcome
    | Subscriptions
    | Event
    | Reply
    | Error
    | Heartbeat
    | Pong
    | PresenceState
    | PresenceDiff
    | MemberTyping
)

_decoder: msgspec.json.Decoder[FromServer] = msgspec.json.Decoder(FromServer)
_encoder = msgspec.json.Encoder()


def encode(frame: ToServer) -> str:
    """JSON text."""
    return _encoder.encode(frame).decode()


def decode(text: str | bytes) -> FromServer | None:
    """The frame; None for a kind that a newer server has and this library does not know."""
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError:
        return None
