"""What lists and imports look like to a client, and what he sends."""

from enum import StrEnum
from uuid import UUID

from backoffice.events import ImportView
from core.shapes import Page, Shape, View
from estates.exchanging import RowProblem


class SetUpStepKey(StrEnum):
    """What a new estate needs, in the order in which it is done."""

    UNITS = "units"
    PEOPLE = "people"
    LADDER = "ladder"
    DRILL = "drill"
    SECOND_STEP = "second_step"


class SetUpStep(View):
    """`count`: units there, people beside the first manager, or managers without a second step. `alert_id`: the last
    drill.
    """

    key: SetUpStepKey
    is_done: bool
    count: int | None = None
    alert_id: UUID | None = None


class SetUpView(View):
    """`is_shown_first`: the page of these steps is what its manager starts on."""

    steps: list[SetUpStep]
    is_done: bool
    is_shown_first: bool


class ShowSetUp(Shape):
    """`is_shown_first`: until all is done. False: the manager starts on another page from now on."""

    is_shown_first: bool


class ListView(View):
    """A list that the caller may take out. `columns`: in the order of the file."""

    name: str
    title: str
    columns: list[str]
    is_importable: bool


class ListsView(View):
    results: list[ListView]


class ImportDetail(ImportView):
    """`problems`: the first hundred of them, by row."""

    problems: list[RowProblem]


class ImportPage(Page):
    results: list[ImportView]


class ApplyImport(Shape):
    """`partial`: take the good rows and leave the others; else it is all or nothing."""

    partial: bool = False
