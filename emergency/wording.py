"""What a message about an alert says: what, where, who, when, and where to answer."""

import re
from typing import Final
from zoneinfo import ZoneInfo

from emergency.models import Alert
from emergency.policies import Audience
from notifications.push.base import Notice

#: Names are cut so that a text stays within two segments (GSM 03.38: 153 characters each).
LONGEST_NAME = 40

#: Words and numbers apart; an apostrophe belongs to its word.
_SOUNDS = re.compile(r"\d+|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")

IN_WORDS: Final = {
    Audience.GUARDS_ON_DUTY: "guards on duty",
    Audience.UNRECEIVED: "who has not confirmed receipt",
    Audience.GUARDS: "guards",
    Audience.SECURITY_HEADS: "security heads",
    Audience.MANAGERS: "managers",
    Audience.CONTACTS: "personal contacts",
}


def text_for_responder(alert: Alert, link: str) -> str:
    """For somebody of the estate. `link`: his own, by which he says that he has it."""
    return (
        f"{_mark(alert)}SOS {what(alert)} at {where(alert)}. {_who(alert)}, {_when(alert)}. "
        f"{_hush(alert)}I have it: {link}"
    )


def text_for_contact(alert: Alert) -> str:
    """For somebody outside, who cannot open the board."""
    estate = _cut(alert.estate.name)
    return (
        f"{_mark(alert)}{_who(alert)} raised an SOS: {what(alert)} at {where(alert)}, {estate}, {_when(alert)}. "
        f"{_hush(alert)}The estate's security has been alerted."
    )


def speech_for_responder(alert: Alert) -> str:
    """What somebody of the estate hears on the telephone, before he is asked for the key."""
    return (
        f"{_mark(alert)}S O S at {_cut(alert.estate.name)}. {_spoken_what(alert)}. {_spoken_where(alert)}. "
        f"{_who(alert)} needs help. {_spoken_hush(alert)}"
    ).strip()


def speech_for_contact(alert: Alert) -> str:
    """The same for somebody outside, who is asked for nothing."""
    return (
        f"{_mark(alert)}{_who(alert)} raised an S O S at {_cut(alert.estate.name)}. {_spoken_what(alert)}. "
        f"{_spoken_where(alert)}. {_spoken_hush(alert)}The estate's security has been alerted."
    )


def spelled(name: str) -> str:
    """A name as a voice reads it well: "B-14" and "B14" are both "B 14"."""
    return " ".join(_SOUNDS.findall(name))


def notice_of_alert(alert: Alert, page: str, link: str) -> Notice:
    """The call on a guard's device, which sleeps. `page`: his board; `link`: his way to answer without signing in."""
    return Notice(
        tag=str(alert.pk),
        title=f"{_mark(alert)}SOS {what(alert)}",
        text=f"{where(alert)}. {_who(alert)}, {_when(alert)}. {_hush(alert)}".strip(),
        page=page,
        link=link,
        at=_milliseconds(alert),
        is_loud=True,
    )


def notice_of_answer(alert: Alert, name: str, page: str) -> Notice:
    """What takes its place when somebody (`name`) has it."""
    return Notice(
        tag=str(alert.pk),
        title=f"{_mark(alert)}{_cut(name)} has it",
        text=f"SOS {what(alert)} at {where(alert)}, {_when(alert)}.",
        page=page,
        at=_milliseconds(alert),
        is_loud=False,
    )


def what(alert: Alert) -> str:
    """The categories in capitals, the first one first."""
    return " + ".join(category.replace("_", " ").upper() for category in alert.categories)


def where(alert: Alert) -> str:
    """The unit, else the position, else that it is not known."""
    if alert.unit is not None:
        return _cut(f"{alert.unit.name}, {alert.unit.block.name}")
    if alert.latitude is not None and alert.longitude is not None:
        return f"{alert.latitude:.5f},{alert.longitude:.5f}"
    return "a place not known"


def audience_in_words(audience: list[Audience]) -> str:
    """For the timeline: "guards, security heads"."""
    return ", ".join(IN_WORDS[one] for one in audience)


def _mark(alert: Alert) -> str:
    return "DRILL. " if alert.is_drill else ""


def _hush(alert: Alert) -> str:
    """A ringing phone can betray who called for help in silence."""
    return "Do not call. " if alert.is_silent else ""


def _spoken_what(alert: Alert) -> str:
    return " and ".join(category.replace("_", " ") for category in alert.categories).capitalize()


def _spoken_where(alert: Alert) -> str:
    """Numbers of a position are of no use to whoever hears them; the text beside the call has them."""
    if alert.unit is not None:
        return _cut(f"Unit {spelled(alert.unit.name)}, {spelled(alert.unit.block.name)}")
    if alert.latitude is not None:
        return "The place is on the map"
    return "The place is not known"


def _spoken_hush(alert: Alert) -> str:
    return "It was raised in silence, so do not call there. " if alert.is_silent else ""


def _who(alert: Alert) -> str:
    return _cut(alert.person.user.name)


def _when(alert: Alert) -> str:
    """Wall time at the estate."""
    return alert.raised_at.astimezone(ZoneInfo(alert.estate.time_zone)).strftime("%H:%M")


def _milliseconds(alert: Alert) -> int:
    return int(alert.raised_at.timestamp() * 1000)


def _cut(text: str) -> str:
    # One line: a name is somebody's own words, and must not look like a second message.
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "."
