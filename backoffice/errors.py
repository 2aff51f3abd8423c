"""What can go wrong with lists that go out and come in."""

from core.errors import NotFound


class ListNotFound(NotFound):
    """There is none of this name, or the asker may not take it: he is not told which."""

    code = "list_not_found"
    title = "There is no such list"
