"""What can go wrong with lists that go out and come in."""

from core.errors import Conflict, NotFound


class ListNotFound(NotFound):
    """There is none of this name, or the asker may not take it: he is not told which."""

    code = "list_not_found"
    title = "There is no such list"


class ImportNotFound(NotFound):
    code = "import_not_found"
    title = "Import not found"


class ImportNotReady(Conflict):
    """It is still at work, or came to its end."""

    code = "import_not_ready"
    title = "This import is not waiting for an answer"


class ImportHasProblems(Conflict):
    code = "import_has_problems"
    title = "Some rows cannot be brought in"


class TooManyImports(Conflict):
    code = "too_many_imports"
    title = "Too many imports are open; finish or discard one first"


class DataExportNotFound(NotFound):
    code = "data_export_not_found"
    title = "There is no such file: ask for one, or wait until it is ready"


class DeletionNotFound(NotFound):
    code = "deletion_not_found"
    title = "Nobody has asked for this account to be erased"
