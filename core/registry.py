"""Finds the rooms in which features declare themselves, so that a decorator there is enough to be known."""

from django.utils.module_loading import autodiscover_modules

#: Modules that register something by being imported, in the order in which they may rely on each other.
DECLARING_ROOMS = (
    "events",
    "topics",
    "notices",
    "holdings",
    "commands",
    "receipts",
    "welcome",
    "presence",
    "typing",
    "reactions",
    "telephone",
    "tasks",
    "inbound",
    "exchange",
    "schema",
)


def discover() -> None:
    """Import every declaring room of every installed app. Called once, when all models are loaded."""
    for room in DECLARING_ROOMS:
        autodiscover_modules(room)
