"""What the pages call things."""

from emergency.events import Category
from emergency.states import State

#: In the order of the buttons; the last one spans the row.
CATEGORY_TITLES: dict[Category, str] = {
    Category.MEDICAL: "Medical",
    Category.FIRE: "Fire",
    Category.INTRUSION: "Intrusion",
    Category.ROBBERY: "Robbery",
    Category.DOMESTIC_VIOLENCE: "Violence at home",
    Category.ACCIDENT: "Accident",
    Category.OTHER: "Something else",
}

STATE_TITLES: dict[State, str] = {
    State.COUNTDOWN: "Countdown",
    State.ACTIVE: "Nobody has it",
    State.ACKNOWLEDGED: "Acknowledged",
    State.RESPONDING: "On the way",
    State.ON_SCENE: "On scene",
    State.RESOLVED: "Resolved",
    State.CLOSED: "Closed",
    State.CANCELLED: "Cancelled",
}


def tone_of(state: str) -> str:
    """Red for what nobody has, amber for what is under way, green for what is done."""
    if state == State.ACTIVE:
        return "open"
    return "done" if state in (State.RESOLVED, State.CLOSED, State.CANCELLED) else "late"


def shape_of(state: str) -> str:
    """The icon that says the same to those who do not see colours."""
    return {"open": "alert", "late": "late", "done": "done"}[tone_of(state)]


def length_of(seconds: float) -> str:
    """ "42 s", "3 min 05 s", "2 h 10 min" """
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
