"""Lists of an estate that go out and come in as files: what a feature declares in its `exchange.py`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from import_export import fields, resources, widgets

from core.csv_text import STARTS_FORMULA
from core.errors import ClustrError
from core.shapes import View
from core.tables.reading import Line
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission

#: Rows that are looked up and written together.
PORTION = 500


class RowProblem(View):
    """What is wrong with a row. `row`: as a spreadsheet counts, the heads are row 1; `field`: the column."""

    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose cells were understood one by one. `values`: by column."""

    number: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def problem(self, column: str, message: str) -> RowProblem:
        return RowProblem(row=self.number, field=column, message=message)


@dataclass(slots=True)
class Taken:
    """What an import did, or would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)


#: Called with the number of rows that are done.
Progress = Callable[[int], None]


class ListResource(resources.Resource):
    """The columns of a list (`fields.Field` for each), and where its rows come from and go to.

    `import_data` of the library is not used: services write (docs/adr/0013).
    """

    #: Columns that a file must have.
    needed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, estate: Estate) -> None:
        super().__init__()
        self.estate = estate

    def rows(self, actor: Member) -> Iterator[Any]:
        """What the actor may take out: objects, or mappings, that the columns' attributes are read from."""
        raise TypeError(f"{type(self).__name__} has no rows")

    def take(self, rows: Iterable[Row], *, actor: Member, is_trial: bool, progress: Progress) -> Taken:
        """Write the rows through a service, or only say what would come of it. Rows with problems are left out.

        Of a list that only goes out there is none: it is declared without `bring_in`, and no door leads here.
        """
        raise TypeError(f"{type(self).__name__} cannot be brought in")

    @property
    def columns(self) -> list[str]:
        return list(self.get_export_headers())

    def cells_of(self, instance: Any) -> Sequence[Any]:
        return list(self.export_resource(instance))

    def understand(self, line: Line) -> Row | list[RowProblem]:
        """The line's cells as values, or what is wrong with each of them."""
        values: dict[str, Any] = {}
        problems: list[RowProblem] = []
        cells = {name: line.cells.get(name, "") for name in self.fields}
        for name, column in self.fields.items():
            try:
                values[name] = column.clean(cells, estate=self.estate)
            except (ClustrError, ValidationError, ValueError) as error:
                problems.append(RowProblem(row=line.number, field=name, message=_sentence(error)))
        return problems or Row(line.number, values)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A list that can be taken out and, with an `import_permission`, brought in."""

    name: str
    title: str
    resource: type[ListResource]
    export_permission: Permission
    import_permission: Permission | None


#: Every list there is, by name, filled as the features' `exchange` modules are imported.
exchanges: dict[str, Exchange] = {}


def exchange(
    name: str, *, title: str, export: Permission, bring_in: Permission | None = None
) -> Callable[[type[ListResource]], type[ListResource]]:
    """Declare a list. `export`: what one needs to take it out; `bring_in`: to import it, None where that cannot be.

    Raises `TypeError` where the list lacks what it is declared to do: at the start, not at somebody's first file.
    """

    def register(resource: type[ListResource]) -> type[ListResource]:
        lacks_take = bring_in is not None and resource.take is ListResource.take
        if resource.rows is ListResource.rows or lacks_take:
            raise TypeError(
                f"{resource.__name__} must say {'how it is brought in' if lacks_take else 'its rows'}"
            )
        exchanges[name] = Exchange(name, title, resource, export, bring_in)
        return resource

    return register


class Words(widgets.Widget):
    """One line of text of at most `longest` characters. A formula is refused: nobody is called so."""

    def __init__(self, *, longest: int, is_needed: bool = True) -> None:
        super().__init__()
        self.longest = longest
        self.is_needed = is_needed

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        words = " ".join(value.split())
        if self.is_needed and not words:
            raise ValueError("This must not be empty.")
        if words.startswith(STARTS_FORMULA):
            raise ValueError("This begins like a formula.")
        if len(words) > self.longest:
            raise ValueError(f"At most {self.longest} characters.")
        return words


class Moment(widgets.Widget):
    """A time, in the estate's zone, with its offset."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat(timespec="seconds") if value is not None else ""


def column(attribute: str, name: str, widget: widgets.Widget | None = None) -> fields.Field:
    """A column `name` that shows `attribute` (with `__` through relations)."""
    return fields.Field(attribute=attribute, column_name=name, widget=widget)


def _sentence(error: Exception) -> str:
    if isinstance(error, ClustrError):
        return error.detail
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(error)
