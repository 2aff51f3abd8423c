"""What a delivery can be, and the one table of what may become what. A state only ever moves forward."""

from django.db.models import TextChoices


class Channel(TextChoices):
    WEBSOCKET = "websocket"
    SMS = "sms"
    VOICE = "voice"
    PUSH = "push"


class State(TextChoices):
    #: Written down; nothing has left us yet.
    INTENDED = "intended"
    #: The provider took it and gave it an id.
    ACCEPTED = "accepted"
    #: On its way: the carrier has it, or it stands committed in the topic's log.
    SENT = "sent"
    #: The carrier says that it arrived at the handset.
    DELIVERED = "delivered"
    #: The person's device said so itself.
    RECEIVED = "received"
    SEEN = "seen"
    #: The person said so.
    ACKNOWLEDGED = "acknowledged"
    #: It will not arrive; `error_code` says why.
    FAILED = "failed"
    #: It was not sent in time; or it was withdrawn before it was sent, or its recipient does not want it (`error_code`
    #: says so).
    EXPIRED = "expired"


_FORWARD = (
    State.INTENDED,
    State.ACCEPTED,
    State.SENT,
    State.DELIVERED,
    State.RECEIVED,
    State.SEEN,
    State.ACKNOWLEDGED,
)

#: Nothing is known to have arrived yet, so it may still go wrong, or be tried again.
UNPROVEN = frozenset({State.INTENDED, State.ACCEPTED, State.SENT})
TERMINAL = frozenset({State.ACKNOWLEDGED, State.FAILED, State.EXPIRED})

#: For each state, those from which it may be reached.
REACHED_FROM: dict[State, frozenset[State]] = {
    state: frozenset(_FORWARD[:position]) for position, state in enumerate(_FORWARD)
} | {State.FAILED: UNPROVEN, State.EXPIRED: UNPROVEN}


#: `error_code` of what was taken back before it was sent, or while the telephone rang.
WITHDRAWN = "withdrawn"
#: `error_code` of what its recipient has switched off.
MUTED = "muted"
#: `error_code` of what would have been of no use after its recipient's quiet hours.
QUIET = "quiet_hours"

#: Nobody failed: it was not to be sent.
NOT_WANTED = frozenset({WITHDRAWN, MUTED, QUIET})
#: `error_code` of a call that a machine answered: nobody has heard it.
MACHINE = "machine"


class Work(TextChoices):
    """What the sweeper has to do when a delivery's `due_at` has come."""

    NONE = ""
    #: Hand it to the provider.
    SEND = "send"
    #: A call to the provider began and its end is not known: find out whether the message exists.
    RECONCILE = "reconcile"
    #: The provider has it but has not called back: ask.
    CONFIRM = "confirm"
    #: It was withdrawn while the telephone rang: have the provider let it ring no longer.
    HANG_UP = "hang_up"
