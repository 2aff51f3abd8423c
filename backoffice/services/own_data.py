"""Everything that is held of somebody, in a file that he alone can fetch."""

import json
import logging
import secrets
import zipfile
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q

from accounts.models import User
from accounts.record import record
from backoffice.errors import DataExportNotFound
from backoffice.models import DataExport
from core.background import enqueue_on_commit
from core.clock import now
from core.personal_data import holdings
from core.unit_of_work import unit_of_work

TASK: Final = "backoffice.export_own_data"
#: For so long the file can be fetched.
KEPT: Final = timedelta(days=7)
#: For so long a worker that says nothing is taken to be alive.
CLAIM: Final = timedelta(minutes=10)
MOST_ATTEMPTS: Final = 3
#: What was asked for just now is about to be worked off by the worker that was told.
QUIET: Final = timedelta(seconds=5)

State = DataExport.State
log = logging.getLogger(__name__)


def ask_for_export(*, user: User) -> DataExport:
    """Have the file made. While one is being made, that one is answered."""
    with unit_of_work():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        waiting = DataExport.objects.filter(user=user, state=State.QUEUED).first()
        if waiting is not None:
            return waiting
        job = DataExport.objects.create(user=user)
        record(user, "accounts.data.asked_for", {})
        enqueue_on_commit(TASK, export_id=str(job.pk))
    job.refresh_from_db()
    return job


def newest_export(user: User) -> DataExport:
    """Raises `DataExportNotFound`."""
    found = DataExport.objects.filter(user=user).order_by("-asked_at", "-pk").first()
    if found is None:
        raise DataExportNotFound
    return found


def open_export(user: User) -> tuple[DataExport, IO[bytes]]:
    """The newest file that is ready. Raises `DataExportNotFound`."""
    ready = DataExport.objects.filter(user=user, state=State.READY, expires_at__gt=now())
    job = ready.order_by("-asked_at", "-pk").first()
    if job is None:
        raise DataExportNotFound
    try:
        return job, _path(job.file_name).open("rb")
    except FileNotFoundError:
        raise DataExportNotFound from None


def make_export(export_id: UUID) -> None:
    """Write the file. Nothing where somebody is at it or it is done."""
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now())
    mine = DataExport.objects.filter(unclaimed, pk=export_id, state=State.QUEUED)
    if not mine.update(claimed_until=now() + CLAIM, attempts=F("attempts") + 1):
        return
    job = DataExport.objects.get(pk=export_id)
    if job.attempts > MOST_ATTEMPTS:
        DataExport.objects.filter(pk=job.pk).update(state=State.FAILED, claimed_until=None)
        return
    name = f"{secrets.token_urlsafe(32)}.zip"
    size = _write(_path(name), job.user_id)
    # Unless another one, taking this one to be dead, has been at it meanwhile.
    done = DataExport.objects.filter(pk=job.pk, state=State.QUEUED, attempts=job.attempts).update(
        state=State.READY,
        ready_at=now(),
        expires_at=now() + KEPT,
        file_name=name,
        bytes=size,
        claimed_until=None,
    )
    if not done:
        _path(name).unlink(missing_ok=True)
        return
    # The newest one counts; older ones are copies that nobody needs.
    for old in DataExport.objects.filter(user_id=job.user_id, state=State.READY).exclude(pk=job.pk):
        forget_export(old)


def forget_export(job: DataExport) -> None:
    """Delete its file."""
    if job.file_name:
        _path(job.file_name).unlink(missing_ok=True)
    DataExport.objects.filter(pk=job.pk).update(state=State.EXPIRED, file_name="", bytes=0)


def sweep_exports() -> None:
    """Make what a worker left lying, and delete what has had its time."""
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now())
    due = DataExport.objects.filter(unclaimed, state=State.QUEUED, asked_at__lt=now() - QUIET)
    for export_id in list(due.order_by("asked_at").values_list("pk", flat=True)[:10]):
        try:
            make_export(export_id)
        except Exception:
            log.exception("The export %s could not be made; it is tried again", export_id)
    for job in DataExport.objects.filter(state=State.READY, expires_at__lte=now())[:100]:
        forget_export(job)


def _path(name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "exports" / name


def _write(path: Path, user_id: UUID) -> int:
    """A file of JSON for each kind of data, row after row; the size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for holding in holdings.values():
                if holding.export is not None:
                    with archive.open(f"{holding.key}.json", "w") as file:
                        _write_rows(file, holding.export(user_id))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path.stat().st_size


def _write_rows(file: IO[bytes], rows: Iterable[Mapping[str, Any]]) -> None:
    between = b"[\n"
    for row in rows:
        file.write(between + json.dumps(dict(row), cls=DjangoJSONEncoder, ensure_ascii=False).encode())
        between = b",\n"
    file.write(b"[]\n" if between == b"[\n" else b"\n]\n")
