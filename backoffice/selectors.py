"""Reads over imports."""

from uuid import UUID

from django.db.models import QuerySet

from backoffice.errors import ImportNotFound
from backoffice.events import ImportView
from backoffice.models import Import
from backoffice.shapes import ImportDetail
from backoffice.states import State
from core.shapes import plain, read
from estates.exchanging import exchanges
from estates.members import Member
from estates.models import Estate


def imports_for(actor: Member, estate: Estate) -> QuerySet[Import]:
    """Those of the lists that the actor may bring in."""
    may = [
        one.name
        for one in exchanges.values()
        if one.import_permission is not None and actor.may(one.import_permission)
    ]
    return Import.objects.of(estate).filter(list_name__in=may).select_related("member__user")


def get_import(actor: Member, estate: Estate, import_id: UUID) -> Import:
    """Raises `ImportNotFound`."""
    job = imports_for(actor, estate).filter(pk=import_id).first()
    if job is None:
        raise ImportNotFound
    return job


def import_view(job: Import) -> ImportView:
    return ImportView(
        id=job.pk,
        list=job.list_name,
        file_name=job.file_name,
        state=State(job.state),
        is_partial=job.is_partial,
        rows=job.rows,
        done=job.done,
        created=job.created,
        updated=job.updated,
        unchanged=job.unchanged,
        bad_rows=job.bad_rows,
        message=job.message,
        started_by=job.member.user.name,
        created_at=job.created_at,
    )


def import_detail(job: Import) -> ImportDetail:
    """The same with what is wrong with which row."""
    return read(plain(import_view(job)) | {"problems": job.problems}, ImportDetail)
