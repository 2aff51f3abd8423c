"""Units from a file: new ones are added, known ones (by name) changed."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import Any

from core.audit import record
from core.unit_of_work import unit_of_work
from estates.exchanging import PORTION, Progress, Row, Taken
from estates.members import Member
from estates.models import Block, Estate, Unit
from estates.permissions import Permission, require

CHANGEABLE = ("block_id", "latitude", "longitude")


def take_units(
    rows: Iterable[Row], *, actor: Member, estate: Estate, is_trial: bool, progress: Progress
) -> Taken:
    """Rows of `block`, `name`, `latitude`, `longitude`, in one unit of work; a trial writes nothing.

    Rows with problems are named and left out. Names are the same whatever their case.
    """
    require(actor, Permission.IMPORT_PEOPLE, estate)
    taken, seen = Taken(), dict[str, int]()
    with nullcontext() if is_trial else unit_of_work():
        for portion in portions(rows):
            _take(portion, actor, estate, taken, seen, is_trial=is_trial)
            progress(len(portion))
    return taken


def _take(
    rows: list[Row], actor: Member, estate: Estate, taken: Taken, seen: dict[str, int], *, is_trial: bool
) -> None:
    blocks = {block.name.casefold(): block for block in Block.objects.of(estate)}
    known = units_by_name(estate)
    new: list[Unit] = []
    changed: list[Unit] = []
    for row in rows:
        key = row["name"].casefold()
        if (first := seen.setdefault(key, row.number)) != row.number:
            taken.problems.append(row.problem("name", f"This unit stands in row {first} too."))
            continue
        block = blocks.get(row["block"].casefold())
        if block is None:
            block = Block(estate=estate, name=row["block"])
            blocks[row["block"].casefold()] = block
            if not is_trial:
                block.save(force_insert=True)
        wanted = {"block_id": block.pk, "latitude": row["latitude"], "longitude": row["longitude"]}
        unit = known.get(key)
        if unit is None:
            taken.created += 1
            new.append(Unit(estate=estate, name=row["name"], **wanted))
        elif changes := {
            name: [_plain(getattr(unit, name)), _plain(wanted[name])]
            for name in CHANGEABLE
            # An empty position says nothing: it does not take a known one away.
            if wanted[name] is not None and getattr(unit, name) != wanted[name]
        }:
            taken.updated += 1
            for name in changes:
                setattr(unit, name, wanted[name])
            changed.append(unit)
            if not is_trial:
                record(actor, "estates.unit.changed", unit, changes)
        else:
            taken.unchanged += 1
    if is_trial:
        return
    Unit.objects.bulk_create(new)
    for unit in new:
        record(actor, "estates.unit.created", unit, {"name": unit.name})
    if changed:
        Unit.objects.of(estate).bulk_update(changed, CHANGEABLE)


def units_by_name(estate: Estate) -> dict[str, Unit]:
    """Every unit of the estate, by its name whatever the case."""
    return {unit.name.casefold(): unit for unit in Unit.objects.of(estate)}


def portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows, `PORTION` at a time."""
    left = iter(rows)
    while portion := list(islice(left, PORTION)):
        yield portion


def _plain(value: Any) -> Any:
    return value if isinstance(value, float | None) else str(value)
