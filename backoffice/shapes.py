"""What lists and imports look like to a client, and what he sends."""

from backoffice.events import ImportView
from core.shapes import Page, Shape, View
from estates.exchanging import RowProblem


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
