"""What a caller sends, through whichever door, and the record as it is answered."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from core.shapes import Page, Shape, View
from emergency.events import AlertView, Category, MessageView, Outcome
from emergency.policies import PresetKey, Step

#: The longest countdown in which the raiser can take an alert back, in seconds.
LONGEST_COUNTDOWN_S = 10

#: Characters of a message on an alert.
LONGEST_MESSAGE = 1000

EtaS = Annotated[int, Meta(ge=0, le=24 * 3600)]


class GivenPosition(Shape, forbid_unknown_fields=False):
    """Where the device is. `lat`, `lon`: WGS 84 degrees; `accuracy_m`: radius in metres."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: Annotated[float, Meta(ge=0)] | None = None


class RaiseAlert(Shape, forbid_unknown_fields=False):
    """An SOS.

    `id`: made by the client, the same for every retry. `on_behalf_of`: the member in need, where a guard raises it for
    somebody else. `countdown_s`: seconds in which the raiser can take it back and nobody is told. Unlike elsewhere, an
    unknown member is passed over: a newer app's SOS must get through an older server.
    """

    category: Category
    id: UUID | None = None
    note: Annotated[str, Meta(max_length=500)] = ""
    position: GivenPosition | None = None
    silent: bool = False
    drill: bool = False
    countdown_s: Annotated[int, Meta(ge=0, le=LONGEST_COUNTDOWN_S)] = 0
    on_behalf_of: UUID | None = None


class Nothing(Shape):
    """An empty body."""


class Respond(Shape):
    """On the way. `eta_s`: seconds from now."""

    eta_s: EtaS | None = None


class Resolve(Shape):
    """How it ended, in the responder's words."""

    outcome: Outcome
    report: Annotated[str, Meta(min_length=1, max_length=5000)]


class OneAlert(Shape):
    """A socket command about an alert."""

    id: UUID


class RespondToAlert(Respond, kw_only=True):
    id: UUID


class ResolveAlert(Resolve, kw_only=True):
    id: UUID


class PostMessage(Shape):
    """A few words to everybody who sees the alert. `message_id`: made by the client, the same for every retry."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_MESSAGE)]
    message_id: UUID | None = None


class PostAlertMessage(PostMessage, kw_only=True):
    id: UUID


class GivenContact(Shape):
    """A personal emergency contact. `phone`: with country code, or as it is dialled in the estate's country."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    phone: Annotated[str, Meta(min_length=3, max_length=40)]


class ContactView(View):
    """`phone`: E.164."""

    id: UUID
    name: str
    phone: str


class PolicyView(View):
    """`category`: null for the ladder of every category without its own."""

    category: Category | None
    is_default: bool
    steps: list[Step]


class PresetView(View):
    """A ladder that can be chosen whole. `title`, `words`: for people."""

    key: PresetKey
    title: str
    words: str
    steps: list[Step]


class PresetsView(View):
    """`chosen`: the preset that holds for every category; null where the estate has chosen none, or has steps of its
    own. `is_default`: nobody has chosen yet.
    """

    chosen: PresetKey | None
    is_default: bool
    presets: list[PresetView]


class ChosenPreset(Shape):
    preset: PresetKey


class TimelineActor(View):
    """`kind`: member, system or link."""

    kind: str
    id: UUID | None
    name: str


class TimelineView(View):
    """One entry of an alert's record. `text`: a sentence for people; `data`: the same for programs."""

    id: int
    at: datetime
    kind: str
    actor: TimelineActor
    text: str
    data: dict[str, Any]


class DeliveryView(View):
    """One message to one person. `step`: order and repeat, "2.0". `address`: a telephone number or a topic."""

    id: UUID
    step: str
    member_id: UUID | None
    recipient_name: str
    channel: str
    address: str
    state: str
    provider: str
    attempt: int
    error_code: str
    error: str
    next_attempt_at: datetime | None
    expires_at: datetime | None
    intended_at: datetime | None
    accepted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    received_at: datetime | None
    seen_at: datetime | None
    acknowledged_at: datetime | None
    failed_at: datetime | None
    expired_at: datetime | None


class AlertPage(Page):
    results: list[AlertView]


class MessagePage(Page):
    results: list[MessageView]


class TimelinePage(Page):
    results: list[TimelineView]


class DeliveryPage(Page):
    results: list[DeliveryView]


class ContactPage(Page):
    results: list[ContactView]


class PolicyPage(Page):
    results: list[PolicyView]
