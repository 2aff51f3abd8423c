"""How an alert's facts are written in a template."""

from datetime import datetime

from django import template
from django.utils.timezone import localtime

from console.words import CATEGORY_TITLES, STATE_TITLES, length_of, shape_of, tone_of
from emergency.events import AlertView, Category, Outcome
from emergency.states import State

register = template.Library()

OUTCOMES = {Outcome.REAL: "real", Outcome.FALSE_ALARM: "false alarm", Outcome.TEST: "test"}


@register.filter
def headline(alert: AlertView) -> str:
    """ "Intrusion and medical" """
    titles = [title(category) for category in alert.categories or [alert.category]]
    return " and ".join([titles[0], *(one.lower() for one in titles[1:])])


@register.filter
def title(category: Category) -> str:
    return "Emergency" if category == Category.OTHER else CATEGORY_TITLES[category]


@register.filter
def state_title(alert: AlertView) -> str:
    """The state in words, with the outcome once there is one."""
    word = STATE_TITLES[State(alert.state)]
    return f"{word}, {OUTCOMES[alert.outcome]}" if alert.outcome else word


@register.filter
def tone(state: str) -> str:
    return tone_of(state)


@register.filter
def shape(state: str) -> str:
    return shape_of(state)


@register.simple_tag
def between(start: datetime | None, end: datetime | None) -> str:
    """How long it took; empty where one of the two has not happened."""
    return length_of((end - start).total_seconds()) if start and end else ""


@register.filter
def step_name(step: str) -> str:
    """The ladder's "2.1" (order and repeat, from zero) as people count: "3, again"."""
    order, _, repeat = step.partition(".")
    if not order.isdecimal():
        return step
    again = {"": "", "0": "", "1": ", again"}.get(repeat, f", {repeat} times again")
    return f"{int(order) + 1}{again}"


@register.filter
def moment(at: datetime | None) -> str:
    """ "21 Nov, 14:03:07" at the estate."""
    return f"{localtime(at):%-d %b, %H:%M:%S}" if at else ""


@register.filter
def second(at: datetime | None) -> str:
    """ "14:03:07" at the estate."""
    return f"{localtime(at):%H:%M:%S}" if at else ""
