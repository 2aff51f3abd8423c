"""Who is told when: the default ladder, and what a ladder must be like."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

import msgspec

from core.errors import Invalid
from core.shapes import Shape, plain, read


class Channel(StrEnum):
    WEBSOCKET = "websocket"
    SMS = "sms"
    VOICE = "voice"


class Audience(StrEnum):
    """A group of people, worked out at the moment in which the step is taken."""

    #: Guards on duty; all guards where none is.
    GUARDS_ON_DUTY = "guards_on_duty"
    #: Those whom the first step addressed and whose devices have not said that they have it.
    UNRECEIVED = "unreceived"
    GUARDS = "guards"
    SECURITY_HEADS = "security_heads"
    MANAGERS = "managers"
    #: The personal contacts of the person in need.
    CONTACTS = "contacts"


class Step(Shape):
    """One rung. `after_s`: seconds after the alert became active; `repeat_every_s`: seconds until it is taken again."""

    after_s: Annotated[int, msgspec.Meta(ge=0, le=3600)]
    channel: Channel
    audience: Annotated[list[Audience], msgspec.Meta(min_length=1)]
    repeat_every_s: Annotated[int, msgspec.Meta(ge=30, le=3600)] | None = None


class PolicyNotValid(Invalid):
    code = "policy_not_valid"
    title = "This escalation policy could let an alert go silent"


#: Channels that reach a telephone number.
BY_TELEPHONE: Final = frozenset({Channel.SMS, Channel.VOICE})

#: How often the rounds by telephone come again while nobody has acknowledged, in seconds.
REPEAT_EVERY_S: Final = 120

DEFAULT: Final[tuple[Step, ...]] = (
    Step(after_s=0, channel=Channel.WEBSOCKET, audience=[Audience.GUARDS_ON_DUTY]),
    Step(after_s=5, channel=Channel.SMS, audience=[Audience.UNRECEIVED]),
    Step(
        after_s=10,
        channel=Channel.SMS,
        audience=[Audience.GUARDS, Audience.SECURITY_HEADS, Audience.CONTACTS],
        repeat_every_s=REPEAT_EVERY_S,
    ),
    Step(
        after_s=30,
        channel=Channel.VOICE,
        audience=[Audience.GUARDS, Audience.SECURITY_HEADS],
        repeat_every_s=REPEAT_EVERY_S,
    ),
    Step(
        after_s=30,
        channel=Channel.SMS,
        audience=[Audience.GUARDS, Audience.SECURITY_HEADS],
        repeat_every_s=REPEAT_EVERY_S,
    ),
    Step(after_s=60, channel=Channel.SMS, audience=[Audience.MANAGERS], repeat_every_s=REPEAT_EVERY_S),
)


class PresetKey(StrEnum):
    """Ladders that an estate can choose whole."""

    GUARDS_FIRST = "guards_first"
    EVERYBODY_AT_ONCE = "everybody_at_once"
    FEW_TEXTS = "few_texts"


@dataclass(frozen=True, slots=True)
class Preset:
    """`words`: for whom it is."""

    key: PresetKey
    title: str
    words: str
    steps: tuple[Step, ...]


PRESETS: Final[dict[PresetKey, Preset]] = {
    preset.key: preset
    for preset in (
        Preset(
            PresetKey.GUARDS_FIRST,
            "Guards first",
            "For an estate with guards at their tablets day and night. Texts follow within seconds where a tablet "
            "stays silent, telephones ring after half a minute, and managers are woken after a minute.",
            DEFAULT,
        ),
        Preset(
            PresetKey.EVERYBODY_AT_ONCE,
            "Everybody at once",
            "For a small estate, or one with a single guard. All who could come are texted at the same moment, "
            "and called after 20 seconds, at the price of more messages for each alert.",
            (
                Step(after_s=0, channel=Channel.WEBSOCKET, audience=[Audience.GUARDS_ON_DUTY]),
                Step(
                    after_s=0,
                    channel=Channel.SMS,
                    audience=[Audience.GUARDS, Audience.SECURITY_HEADS],
                    repeat_every_s=60,
                ),
                Step(
                    after_s=5,
                    channel=Channel.SMS,
                    audience=[Audience.CONTACTS, Audience.MANAGERS],
                    repeat_every_s=REPEAT_EVERY_S,
                ),
                Step(
                    after_s=20,
                    channel=Channel.VOICE,
                    audience=[Audience.GUARDS, Audience.SECURITY_HEADS, Audience.MANAGERS],
                    repeat_every_s=REPEAT_EVERY_S,
                ),
            ),
        ),
        Preset(
            PresetKey.FEW_TEXTS,
            "Few texts",
            "For a large estate whose guards answer within half a minute. Each round reaches one group more, so most "
            "alerts end before a manager's phone rings.",
            (
                Step(after_s=0, channel=Channel.WEBSOCKET, audience=[Audience.GUARDS_ON_DUTY]),
                Step(after_s=10, channel=Channel.SMS, audience=[Audience.UNRECEIVED]),
                Step(
                    after_s=30,
                    channel=Channel.SMS,
                    audience=[Audience.GUARDS, Audience.CONTACTS],
                    repeat_every_s=180,
                ),
                Step(after_s=45, channel=Channel.VOICE, audience=[Audience.GUARDS], repeat_every_s=180),
                Step(after_s=60, channel=Channel.SMS, audience=[Audience.SECURITY_HEADS], repeat_every_s=180),
                Step(after_s=120, channel=Channel.SMS, audience=[Audience.MANAGERS], repeat_every_s=180),
            ),
        ),
    )
}


def preset_of(steps: tuple[Step, ...]) -> PresetKey | None:
    """The preset that these steps are, if any."""
    return next((preset.key for preset in PRESETS.values() if preset.steps == steps), None)


def read_steps(data: object) -> tuple[Step, ...]:
    """Steps out of JSON-able data. Raises `MalformedInput` or `PolicyNotValid`."""
    steps = tuple(read(data, list[Step]))
    if not steps or steps[0].after_s != 0:
        raise PolicyNotValid("The first step must come at once.", field="steps")
    if any(later.after_s < earlier.after_s for earlier, later in pairwise(steps)):
        raise PolicyNotValid("The steps must stand in the order of their times.", field="steps")
    if not any(step.repeat_every_s for step in steps):
        # Without one, an alert that nobody acknowledged would fall silent after the last step.
        raise PolicyNotValid("At least one step must repeat.", field="steps")
    return steps


def plain_steps(steps: tuple[Step, ...]) -> list[dict[str, object]]:
    """The same, JSON-able."""
    built: list[dict[str, object]] = plain(list(steps))
    return built
