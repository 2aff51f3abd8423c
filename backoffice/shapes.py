"""What lists look like to a client."""

from core.shapes import View


class ListView(View):
    """A list that the caller may take out. `columns`: in the order of the file."""

    name: str
    title: str
    columns: list[str]
    is_importable: bool


class ListsView(View):
    results: list[ListView]
