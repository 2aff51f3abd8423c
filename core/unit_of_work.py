"""The outermost transaction of a service, and what is written as its very last act.

Audit entries and events take a number from a counter that others wait for (the estate's hash chain, a stream's head).
They are collected while the service runs and written just before the commit, each kind in a fixed order and in sorted
order within the kind: a counter's lock is held for the commit alone, and two transactions never wait for each other in
a circle.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

Writer = Callable[[list[Any]], None]

_writers: list[tuple[int, str, Writer]] = []


class NoUnitOfWork(RuntimeError):
    """Something that must be committed together with its cause was recorded outside `unit_of_work()`."""


@dataclass
class UnitOfWork:
    """What the running transaction will write at its end, by kind."""

    pending: dict[str, list[Any]] = field(default_factory=dict)

    def collect(self, kind: str, item: Any) -> None:
        self.pending.setdefault(kind, []).append(item)

    def marks(self) -> dict[str, int]:
        return {kind: len(items) for kind, items in self.pending.items()}

    def rewind(self, marks: dict[str, int]) -> None:
        for kind, items in self.pending.items():
            del items[marks.get(kind, 0) :]

    def write(self) -> None:
        # A writer may collect for a later kind (never for an earlier one): take each kind's list when its turn comes.
        for _, kind, write in sorted(_writers, key=lambda row: row[:2]):
            items = self.pending.pop(kind, None)
            if items:
                write(items)


_current: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)


def writes_last(kind: str, *, order: int) -> Callable[[Writer], Writer]:
    """Register the function that writes everything collected under `kind`; lower `order` is written first."""

    def register(write: Writer) -> Writer:
        _writers.append((order, kind, write))
        return write

    return register


def collect(kind: str, item: Any) -> None:
    """Keep `item` for the end of the running unit of work. Raises `NoUnitOfWork` where none runs."""
    unit = _current.get()
    if unit is None:
        raise NoUnitOfWork(f"{kind} recorded outside unit_of_work()")
    unit.collect(kind, item)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Run the block in one transaction. Used inside another one, it joins it: a failure undoes only its own part."""
    outer = _current.get()
    if outer is not None:
        marks = outer.marks()
        try:
            with transaction.atomic():
                yield
        except BaseException:
            outer.rewind(marks)
            raise
        return
    unit = UnitOfWork()
    with transaction.atomic():
        token = _current.set(unit)
        try:
            yield
            unit.write()
        finally:
            # Before the commit: its hooks may begin a unit of work of their own, which this one would not write.
            _current.reset(token)
