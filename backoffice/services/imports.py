"""Lists come in: hand a file in, bring it in, discard it."""

from uuid import UUID

from backoffice.errors import ImportHasProblems, ImportNotReady, ListNotFound, TooManyImports
from backoffice.models import Import, ImportFile
from backoffice.selectors import get_import, imports_for
from backoffice.services.working import TASK, work_off
from backoffice.states import OPEN, REACHED_FROM, State
from core.audit import record
from core.background import enqueue_on_commit
from core.tables.reading import count_rows, read_table
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.exchanging import Exchange, exchanges
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require

#: Rows that are worth a worker; fewer are done while the caller waits.
AT_ONCE = 200
#: Files of an estate that wait.
MOST_OPEN = 20


def start_import(*, actor: Member, estate: Estate, name: str, file_name: str, content: bytes) -> Import:
    """Check a file: what would come of it stands in the answer, or, of a long one, is told while it is found out.

    Raises `ListNotFound`, `TooManyImports`, and as `read_table` what is wrong with the file as a whole.
    """
    require(actor, Permission.IMPORT_LISTS, estate)
    resource = importable(actor, name).resource(estate)
    lines = read_table(content, columns=resource.columns, needed=resource.needed)
    is_short = count_rows(lines, to=AT_ONCE + 1) <= AT_ONCE
    with unit_of_work():
        Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)
        if Import.objects.of(estate).filter(state__in=OPEN).count() >= MOST_OPEN:
            raise TooManyImports
        job = Import.objects.create(
            estate=estate,
            list_name=name,
            file_name=" ".join(clean_text(file_name).split())[:200],
            member_id=actor.id,
        )
        ImportFile.objects.create(estate=estate, job=job, content=content)
        record(actor, "backoffice.import.started", job, {"list": name, "file": job.file_name})
        if not is_short:
            enqueue_on_commit(TASK, import_id=str(job.pk))
    return _begun(actor, estate, job.pk, is_short=is_short)


def apply_import(*, actor: Member, estate: Estate, import_id: UUID, is_partial: bool) -> Import:
    """Bring in what was checked, all of it or nothing; with `is_partial` its good rows.

    Raises `ImportNotFound`, `ImportNotReady`, `ImportHasProblems`.
    """
    require(actor, Permission.IMPORT_LISTS, estate)
    with unit_of_work():
        job = get_import(actor, estate, import_id)
        if job.state == State.CHECKED and job.bad_rows and not is_partial:
            raise ImportHasProblems(
                f"{job.bad_rows} rows cannot be brought in. Correct the file, or take the others alone."
            )
        _advance(job, State.IMPORTING, is_partial=is_partial, done=0, attempts=0, member_id=actor.id)
        is_short = job.rows <= AT_ONCE
        if not is_short:
            enqueue_on_commit(TASK, import_id=str(job.pk))
    return _begun(actor, estate, job.pk, is_short=is_short)


def discard_import(*, actor: Member, estate: Estate, import_id: UUID) -> None:
    """Forget the file. Raises `ImportNotFound`, `ImportNotReady`."""
    require(actor, Permission.IMPORT_LISTS, estate)
    with unit_of_work():
        job = get_import(actor, estate, import_id)
        _advance(job, State.DISCARDED)
        ImportFile.objects.of(estate).filter(job=job).delete()
        record(actor, "backoffice.import.discarded", job, {"list": job.list_name})


def importable(actor: Member, name: str) -> Exchange:
    """Raises `ListNotFound`."""
    found = exchanges.get(name)
    if found is None or found.import_permission is None or not actor.may(found.import_permission):
        raise ListNotFound(field="list")
    return found


def _advance(job: Import, to: State, **fields: object) -> None:
    own = Import.objects.of(job.estate_id).filter(pk=job.pk, state__in=REACHED_FROM[to])
    if not own.update(state=to, claimed_until=None, **fields):
        raise ImportNotReady(f"It is {job.state}.")


def _begun(actor: Member, estate: Estate, import_id: UUID, *, is_short: bool) -> Import:
    if is_short:
        work_off(import_id)
    return imports_for(actor, estate).get(pk=import_id)
