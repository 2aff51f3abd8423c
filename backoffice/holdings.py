"""What the back office holds of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice.models import AccountDeletion, DataExport, Import
from backoffice.states import AT_WORK
from core.batches import delete_some
from core.personal_data import holds


def _imports(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = Import.objects.across_estates().filter(member__user_id=user_id)
    yield from rows.values("estate__name", "list_name", "file_name", "state", "created_at").iterator()


def _asked(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    yield from DataExport.objects.filter(user_id=user_id).values("state", "asked_at", "ready_at").iterator()
    fields = ("asked_at", "due_at", "withdrawn_at", "done_at")
    yield from AccountDeletion.objects.filter(user_id=user_id).values(*fields).iterator()


def _purge_imports(before: datetime, limit: int) -> int:
    over = Import.objects.across_estates().exclude(state__in=AT_WORK).filter(created_at__lt=before)
    return delete_some(over.order_by("created_at"), limit)


def _purge_asked(before: datetime, limit: int) -> int:
    exports = DataExport.objects.exclude(state__in=["queued", "ready"]).filter(asked_at__lt=before)
    back = AccountDeletion.objects.filter(withdrawn_at__lt=before)
    return max(
        delete_some(exports.order_by("asked_at"), limit), delete_some(back.order_by("asked_at"), limit)
    )


holds(
    "backoffice.imports",
    what="Who handed which file in, and what was wrong with its rows; the file itself for a day at most",
    why="An import can be looked at again",
    models=["backoffice.Import", "backoffice.ImportFile"],
    days=365,
    purge=_purge_imports,
    on_deletion="stays under the pseudonym",
    export=_imports,
)
holds(
    "backoffice.own_data",
    what="When somebody took his data out or asked for his account to be erased; the file itself for 7 days",
    why="Whoever asks again gets an answer",
    models=["backoffice.DataExport", "backoffice.AccountDeletion"],
    days=365,
    purge=_purge_asked,
    on_deletion="stays under the pseudonym; the file is deleted at once",
    export=_asked,
)
