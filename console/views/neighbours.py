"""The directory of neighbours."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from community.api import ByName
from community.selectors import lives_here, neighbour_view, neighbours_of, privacy_of
from community.shapes import Audience
from console.visits import Visit, estate_page
from core.http.filters import FilterNotValid
from estates.permissions import Permission


@estate_page(Permission.READ_DIRECTORY)
def neighbours(visit: Visit) -> HttpResponse:
    """Searched by `?q=`, ordered by `?ordering=`."""
    if not lives_here(visit.actor, visit.estate):
        raise PermissionDenied
    given = visit.request.GET.dict()
    try:
        found = ByName.take(neighbours_of(visit.estate, given), given)
    except FilterNotValid:
        given = {"q": given.get("q", "")}
        found = ByName.take(neighbours_of(visit.estate, given), given)
    return visit.draw(
        "console/neighbours.html",
        rows=[neighbour_view(row) for row in found.rows],
        given={"q": given.get("q", ""), "ordering": given.get("ordering", "name")},
        back=found.previous,
        on=found.next,
        is_shown=privacy_of(visit.actor, visit.estate).name is Audience.NEIGHBOURS,
    )
