"""What is held of people: each feature declares it in its `holdings.py`, with why, for how long, and how it goes.

From these declarations come a person's export, the erasure of his account, the purge of what has had its time, and the
table in `docs/privacy.md`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from core.clock import now

#: JSON-able rows about one user, by his id; read one after the other, so that ten years fit into memory.
Export = Callable[[UUID], Iterable[Mapping[str, Any]]]
#: Takes a user's data away, or his name off it. Called within a unit of work, once and perhaps again.
Erase = Callable[[UUID], None]
#: Deletes, oldest first, at most so many rows that are older than a moment; answers how many it found.
Purge = Callable[[datetime, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One kind of data. `models`: labels of those that hold it ("accounts.User").

    `days`: how long it is kept where nobody set another period (`CLUSTR_RETENTION`); None where something else ends it,
    which `kept` then says. `on_deletion`: what becomes of it when its person's account is erased, in words.
    """

    key: str
    what: str
    why: str
    models: tuple[str, ...]
    on_deletion: str
    kept: str = ""
    days: int | None = None
    export: Export | None = None
    erase: Erase | None = None
    purge: Purge | None = None


#: By key, in the order of their declaration: what refers to something is declared after it.
holdings: dict[str, Holding] = {}


def holds(
    key: str,
    *,
    what: str,
    why: str,
    models: Iterable[str],
    on_deletion: str,
    kept: str = "",
    days: int | None = None,
    export: Export | None = None,
    erase: Erase | None = None,
    purge: Purge | None = None,
) -> Holding:
    """Declare a kind of data. Raises `ValueError` where nothing says how long it is kept."""
    if key in holdings:
        raise ValueError(f"{key} is declared twice")
    if (days is None) == (not kept) or (days is None) != (purge is None):
        raise ValueError(f"{key}: give days and how it is purged, or say what ends it")
    holding = Holding(
        key=key,
        what=what,
        why=why,
        models=tuple(models),
        on_deletion=on_deletion,
        kept=kept,
        days=days,
        export=export,
        erase=erase,
        purge=purge,
    )
    holdings[key] = holding
    return holding


def days_of(holding: Holding) -> int | None:
    """For how long it is kept, in days: as the settings say, else as its feature declared."""
    chosen: Mapping[str, int] = settings.CLUSTR_RETENTION
    return chosen.get(holding.key, holding.days)


def kept_since(key: str) -> datetime:
    """What is older has had its time. Raises `KeyError` for what is not declared with a period."""
    days = days_of(holdings[key])
    if days is None:
        raise KeyError(key)
    return now() - timedelta(days=days)


def unknown_periods() -> list[str]:
    """Names in the settings that are no holding with a period."""
    return sorted(
        key for key in settings.CLUSTR_RETENTION if key not in holdings or holdings[key].days is None
    )
