"""What a text message about an alert says: what, where, who, when, and where to answer."""

from typing import Final
from zoneinfo import ZoneInfo

from emergency.models import Alert
from emergency.policies import Audience

#: Names are cut so that a text stays within two segments (GSM 03.38: 153 characters each).
LONGEST_NAME = 40

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


def _who(alert: Alert) -> str:
    return _cut(alert.person.user.name)


def _when(alert: Alert) -> str:
    """Wall time at the estate."""
    return alert.raised_at.astimezone(ZoneInfo(alert.estate.time_zone)).strftime("%H:%M")


def _cut(text: str) -> str:
    # One line: a name is somebody's own words, and must not look like a second message.
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "."
