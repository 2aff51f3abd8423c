"""What a fact's docstring says: where it is told, to whom, and what happened."""

import re
from inspect import cleandoc
from typing import NamedTuple

from django.apps import apps

from realtime.events import Fact, fact_types

_TOLD = re.compile(r"`(?P<topic>[\w.<>]+)` for (?P<audience>[^`.]+?)(?:, and (?=`)|\.(?:\s+|$))")


def product_facts() -> dict[str, type[Fact]]:
    """Every event type that an installed app declares, by name. What else is registered (by a test) is nobody's."""
    apps_there_are = {config.name.split(".")[0] for config in apps.get_app_configs()}
    return {
        name: fact for name, fact in fact_types.items() if fact.__module__.split(".")[0] in apps_there_are
    }


class NotSaid(TypeError):
    """A fact's docstring does not begin with its topics and who hears it there."""


class Told(NamedTuple):
    """A topic, and who hears the fact there."""

    topic: str
    audience: str


class Story(NamedTuple):
    """`told`: in the order of the docstring. `meaning`: what happened, in one paragraph."""

    told: list[Told]
    meaning: str


def story_of(fact: type[Fact]) -> Story:
    """Raises `NotSaid`."""
    text = cleandoc(fact.__doc__ or "")
    told: list[Told] = []
    at = len("On ") if text.startswith("On ") else -1
    while at >= 0 and (found := _TOLD.match(text, at)):
        told.append(Told(found["topic"], " ".join(found["audience"].split())))
        at = found.end()
        if not found[0].rstrip().endswith("and"):
            break
    meaning = " ".join(text[max(at, 0) :].split())
    if not told or not meaning:
        raise NotSaid(f'{fact.__qualname__}: begin with "On `topic` for audience. What happened."')
    return Story(told, meaning)
