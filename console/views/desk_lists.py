"""The desk's page of lists: out as files, and in from files."""

from django.http import HttpResponse

from backoffice.selectors import import_detail, imports_for
from backoffice.services.exports import lists_for
from console.visits import Visit, estate_page
from core.shapes import plain
from estates.permissions import Permission

#: Imports that are shown; the newest of them with what is wrong with its rows.
SHOWN = 10


@estate_page(Permission.EXPORT_LISTS)
def lists(visit: Visit) -> HttpResponse:
    """What may be taken out; for whom it concerns, what is brought in: its script hands files in by REST."""
    offered = lists_for(visit.actor, visit.estate)
    importable = [one for one in offered if one.is_importable]
    rows = imports_for(visit.actor, visit.estate).order_by("-created_at", "-pk")[:SHOWN] if importable else []
    found = [import_detail(job) for job in rows]
    return visit.draw(
        "console/desk_lists.html",
        lists=offered,
        importable=importable,
        newest=found[0] if found else None,
        older=found[1:],
        data={"newest": plain(found[0]) if found else None},
    )
