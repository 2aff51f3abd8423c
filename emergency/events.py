"""What is told about an alert: one snapshot, and the facts that carry it.

The same `AlertView` stands in REST answers, in every event (`data.alert`), in socket replies and in the welcome frame.
It is always whole: a client keeps the one with the highest `version` and needs no other rule.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.shapes import View
from emergency.states import ResponderState, State
from realtime.events import Fact


class Category(StrEnum):
    """What is happening, in the raiser's eyes."""

    MEDICAL = "medical"
    FIRE = "fire"
    INTRUSION = "intrusion"
    ROBBERY = "robbery"
    DOMESTIC_VIOLENCE = "domestic_violence"
    ACCIDENT = "accident"
    OTHER = "other"


class Outcome(StrEnum):
    """What it turned out to be."""

    REAL = "real"
    FALSE_ALARM = "false_alarm"
    TEST = "test"


class PersonView(View):
    """A member, without a way to reach him."""

    member_id: UUID
    name: str


class CallablePersonView(PersonView):
    """A member in need. `phone`: E.164, of the person the alert is about alone."""

    phone: str | None


class UnitView(View):
    """Where the person in need lives. `latitude`, `longitude`: WGS 84 degrees."""

    id: UUID
    name: str
    block: str
    latitude: float | None
    longitude: float | None


class PositionView(View):
    """Where the person in need was at `at`. `lat`, `lon`: WGS 84 degrees; `accuracy_m`: metres, where known."""

    lat: float
    lon: float
    accuracy_m: float | None
    at: datetime


class ResponderView(PersonView):
    """Somebody who took the alert on. `eta_s`: seconds from `since_at`, where he said so."""

    state: ResponderState
    eta_s: int | None
    since_at: datetime


class ProofView(View):
    """How many people were addressed, and how many of them it provably reached. `calls_answered`: by a person.
    `pushes`: devices, not people.
    """

    tablets_intended: int = 0
    tablets_received: int = 0
    sms_intended: int = 0
    sms_sent: int = 0
    sms_delivered: int = 0
    sms_failed: int = 0
    calls_intended: int = 0
    calls_answered: int = 0
    calls_failed: int = 0
    pushes_intended: int = 0
    pushes_received: int = 0


class NextStepView(View):
    """What happens next unless somebody acknowledges. `audience`: e.g. ["guards", "contacts"]."""

    channel: str
    audience: list[str]
    due_at: datetime


class AlertView(View):
    """An alert as its raiser and its responders see it.

    `number`: per estate, from 1. `version`: grows with every change. `category`: the first one; `categories`: all, in
    the order in which they were reported. `on_behalf_of`: the person in need, where somebody else raised the alert.
    """

    id: UUID
    number: int
    version: int
    category: Category
    categories: list[Category]
    state: State
    unit: UnitView | None
    raised_by: CallablePersonView
    on_behalf_of: CallablePersonView | None
    note: str
    position: PositionView | None
    is_silent: bool
    is_drill: bool
    raised_at: datetime
    countdown_ends_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: PersonView | None
    cancel_requested_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    report: str | None
    responders: list[ResponderView]
    proof: ProofView
    next_step: NextStepView | None


class StepView(View):
    """One step of the ladder that was just taken. `recipients`: how many people it addressed."""

    order: int
    repeat: int
    channel: str
    audience: list[str]
    recipients: int


class ReaderView(PersonView):
    """Somebody who has read it. `at`: when his device said so."""

    at: datetime


class MessageView(View):
    """A few words on an alert. `read_by`: others than its author, in the order in which they read it."""

    id: UUID
    alert_id: UUID
    author: PersonView
    text: str
    at: datetime
    read_by: list[ReaderView]


class MessageReadView(View):
    """`by` has read a message."""

    message_id: UUID
    by: PersonView
    at: datetime


class AlertRaised(Fact, type="emergency.alert.raised"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    A new alert. While its countdown runs on `member.<id>` alone; said again, to the responders as well, when it
    has ended.
    """

    alert: AlertView


class AlertJoined(Fact, type="emergency.alert.joined"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    The person in need reported more: another category, a note, another position.
    """

    alert: AlertView


class AlertAcknowledged(Fact, type="emergency.alert.acknowledged"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    `by` has it. Only the first one appears as `alert.acknowledged_by`; everyone appears among the responders.
    """

    alert: AlertView
    by: PersonView


class AlertResponding(Fact, type="emergency.alert.responding"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    `by` is on the way.
    """

    alert: AlertView
    by: PersonView


class AlertOnScene(Fact, type="emergency.alert.on_scene"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    `by` has arrived.
    """

    alert: AlertView
    by: PersonView


class AlertEscalated(Fact, type="emergency.alert.escalated"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    A step of the ladder was taken because nobody had acknowledged.
    """

    alert: AlertView
    step: StepView


class AlertProgressed(Fact, type="emergency.alert.progressed"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    The proof changed: something was sent, delivered, received or failed.
    """

    alert: AlertView


class AlertCancelRequested(Fact, type="emergency.alert.cancel_requested"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    The person in need says it is over. A responder verifies it: he may be saying so under duress.
    """

    alert: AlertView


class AlertCancelled(Fact, type="emergency.alert.cancelled"):
    """On `member.<id>` for the person in need and who raised the alert.

    Taken back within the countdown; nobody else was told.
    """

    alert: AlertView


class AlertResolved(Fact, type="emergency.alert.resolved"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    `by` reported how it ended.
    """

    alert: AlertView
    by: PersonView


class AlertClosed(Fact, type="emergency.alert.closed"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    Confirmed by the person in need, or closed by the security head or a manager. Terminal.
    """

    alert: AlertView
    by: PersonView


class MessagePosted(Fact, type="emergency.message.posted"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    Somebody who sees the alert said something on it.
    """

    message: MessageView


class MessagesRead(Fact, type="emergency.message.read"):
    """On `estate.<id>.emergency` for guards, security heads and managers, and `member.<id>` for the person in need.

    Messages on an alert were before somebody's eyes. A client adds these to the readers that it knows.
    """

    alert_id: UUID
    reads: list[MessageReadView]
