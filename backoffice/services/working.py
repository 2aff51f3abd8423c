"""The work of an import: claimed, done in portions, told as it goes on, and taken up by another where a worker dies."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Q

from backoffice.events import ImportFinished, ImportProgressed
from backoffice.models import Import, ImportFile
from backoffice.selectors import import_view
from backoffice.states import AT_WORK, State
from core.actors import SYSTEM, Actor
from core.audit import record
from core.clock import now
from core.errors import ClustrError
from core.shapes import plain
from core.tables.reading import MOST_ROWS, Line, count_rows, read_table
from core.unit_of_work import unit_of_work
from estates.exchanging import ListResource, Row, RowProblem, Taken, exchanges
from estates.members import Member
from estates.permissions import require
from estates.selectors import get_estate, member_by_id
from realtime.publishing import publish
from realtime.topics import managers

TASK: Final = "backoffice.work_off"
#: For so long a worker that says nothing is taken to be alive.
CLAIM: Final = timedelta(minutes=2)
#: A file that three workers died of is not tried a fourth time.
MOST_ATTEMPTS: Final = 3
#: Problems that are kept and shown; of the others their number.
MOST_PROBLEMS: Final = 100
#: For so long a checked file waits for somebody to bring it in.
WAITS: Final = timedelta(hours=24)

#: What was handed in just now is about to be worked off by the one who took it in.
QUIET: Final = timedelta(seconds=5)

log = logging.getLogger(__name__)


class _Refused(Exception):
    """Some rows are not good, and all were to be taken or none."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken


class _ClaimLost(Exception):
    """Another worker has it: this one was taken to be dead."""


def work_off(import_id: UUID) -> None:
    """Check the import's file, or bring it in, whichever is due. Nothing where somebody is at it or it is over."""
    job = _claimed(import_id)
    if job is None:
        return
    try:
        if job.attempts > MOST_ATTEMPTS:
            _end(job, State.FAILED, message="This broke off several times. Nothing was brought in.")
        elif job.state == State.CHECKING:
            _check(job)
        else:
            _bring_in(job)
    except _ClaimLost:
        log.warning("Import %s went on elsewhere", job.pk)
    except ClustrError as error:
        _end(job, State.FAILED, message=error.detail)
    except IntegrityError:
        # Somebody signed up or was added by hand between the look and the write.
        _end(job, State.FAILED, message="Somebody changed the same at the same time. Nothing was brought in.")


def sweep() -> None:
    """Take up what nobody is at, and forget files that nobody came back for."""
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now())
    due = Import.objects.across_estates().filter(unclaimed, state__in=AT_WORK, created_at__lt=now() - QUIET)
    for import_id in list(due.order_by("created_at").values_list("pk", flat=True)[:10]):
        work_off(import_id)
    old = Import.objects.across_estates().filter(state=State.CHECKED, created_at__lt=now() - WAITS)
    for job in old.select_related("member__user")[:100]:
        _end(job, State.DISCARDED)


def _claimed(import_id: UUID) -> Import | None:
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now())
    mine = Import.objects.across_estates().filter(unclaimed, pk=import_id, state__in=AT_WORK)
    if not mine.update(claimed_until=now() + CLAIM, attempts=F("attempts") + 1):
        return None
    return Import.objects.across_estates().select_related("member__user").get(pk=import_id)


def _check(job: Import) -> None:
    actor, resource, content = _given(job)
    job.rows = count_rows(_lines(resource, content), to=MOST_ROWS + 1)
    bad: list[RowProblem] = []
    good = _understood(resource, content, bad)

    def progress(count: int) -> None:
        # Rows that were not understood never reach the service, and are told at the end.
        job.done += count
        _tell(job)

    _tell(job)
    taken = resource.take(good, actor=actor, is_trial=True, progress=progress)
    taken.problems += bad
    _end(job, State.CHECKED, taken=taken)


def _bring_in(job: Import) -> None:
    actor, resource, content = _given(job)
    bad: list[RowProblem] = []
    # Understood before the transaction begins: the shorter it is, the shorter others wait for it.
    rows = list(_understood(resource, content, bad))
    _tell(job)
    try:
        if bad and not job.is_partial:
            raise _Refused(Taken(problems=bad))
        with unit_of_work():
            taken = resource.take(rows, actor=actor, is_trial=False, progress=lambda _: None)
            if taken.problems and not job.is_partial:
                raise _Refused(taken)
            taken.problems += bad
            _end(job, State.DONE, actor=actor, taken=taken)
    except _Refused as refused:
        _end(job, State.CHECKED, taken=refused.taken)


def _given(job: Import) -> tuple[Member, ListResource, bytes]:
    """Raises as `get_estate`, `member_by_id` and `require`: who handed it in may have lost his role meanwhile."""
    estate = get_estate(job.estate_id)
    actor = member_by_id(job.estate_id, job.member_id)
    exchange = exchanges[job.list_name]
    if exchange.import_permission is not None:
        require(actor, exchange.import_permission, estate)
    content = bytes(ImportFile.objects.of(estate).get(job=job).content)
    return actor, exchange.resource(estate), content


def _lines(resource: ListResource, content: bytes) -> Iterator[Line]:
    return read_table(content, columns=resource.columns, needed=resource.needed)


def _understood(resource: ListResource, content: bytes, bad: list[RowProblem]) -> Iterator[Row]:
    for line in _lines(resource, content):
        found = resource.understand(line)
        if isinstance(found, Row):
            yield found
        else:
            bad += found


def _tell(job: Import) -> None:
    """How far it is, and that its worker is alive."""
    with unit_of_work():
        _write(job, rows=job.rows, done=job.done, claimed_until=now() + CLAIM)
        publish(ImportProgressed(job=import_view(job)), to=[managers(job.estate_id)], actor=SYSTEM)


def _end(
    job: Import, state: State, *, actor: Actor = SYSTEM, taken: Taken | None = None, message: str = ""
) -> None:
    with unit_of_work():
        job.state, job.message = state, message[:300]
        fields: dict[str, object] = {"state": state, "message": job.message, "claimed_until": None}
        if taken is not None:
            fields |= _outcome(job, taken)
        _write(job, **fields)
        if state != State.CHECKED:
            ImportFile.objects.of(job.estate_id).filter(job=job).delete()
            changes = {name: getattr(job, name) for name in ("created", "updated", "unchanged", "bad_rows")}
            record(actor, f"backoffice.import.{state.value}", job, {"list": job.list_name} | changes)
        fact = ImportFinished if state == State.DONE else ImportProgressed
        publish(fact(job=import_view(job)), to=[managers(job.estate_id)], actor=actor)


def _outcome(job: Import, taken: Taken) -> dict[str, object]:
    in_order = sorted(taken.problems, key=lambda problem: problem.row)
    job.done = job.rows
    job.created, job.updated, job.unchanged = taken.created, taken.updated, taken.unchanged
    job.bad_rows = len({problem.row for problem in in_order})
    job.problems = plain(in_order[:MOST_PROBLEMS])
    names = ("done", "rows", "created", "updated", "unchanged", "bad_rows", "problems")
    return {name: getattr(job, name) for name in names}


def _write(job: Import, **fields: object) -> None:
    """Raises `_ClaimLost`: an older claim's worker must not write over a newer one's work."""
    own = Import.objects.of(job.estate_id).filter(pk=job.pk, attempts=job.attempts)
    if not own.filter(state__in=(*AT_WORK, State.CHECKED)).update(**fields):
        raise _ClaimLost
