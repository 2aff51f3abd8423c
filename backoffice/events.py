"""What happens to imports."""

from datetime import datetime
from uuid import UUID

from backoffice.states import State
from core.shapes import View
from realtime.events import Fact


class ImportView(View):
    """A file that is checked and brought in. `rows`: in the file, 0 while it is not known; `done`: of them, so far.

    `created`, `updated`, `unchanged`: what came of the rows, or would come of them while the state is `checked`;
    `bad_rows`: those that cannot be brought in. `message`: why it failed.
    """

    id: UUID
    list: str
    file_name: str
    state: State
    is_partial: bool
    rows: int
    done: int
    created: int
    updated: int
    unchanged: int
    bad_rows: int
    message: str
    started_by: str
    created_at: datetime


class ImportProgressed(Fact, type="backoffice.import.progressed"):
    """On `estate.<id>.managers` for security heads and managers. An import is further on, or in another state."""

    job: ImportView


class ImportFinished(Fact, type="backoffice.import.finished"):
    """On `estate.<id>.managers` for security heads and managers. A file was brought in: the list is another one now."""

    job: ImportView
