"""The desk's page of support access: who of the platform was in, why, and until when."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse

from console.visits import Visit, estate_page
from estates.permissions import Permission
from estates.support import STATES, support_of, support_view

PAGE_SIZE = 50


@estate_page(Permission.READ_SUPPORT)
def support(visit: Visit) -> HttpResponse:
    """Searched by `?q=` and `?state=`, the newest first."""
    given = {name: visit.request.GET.get(name, "").strip() for name in ("q", "state")}
    if given["state"] not in STATES:
        given["state"] = ""
    found = support_of(visit.estate, given).order_by("-started_at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(visit.request.GET.get("page"))
    return visit.draw(
        "console/desk_support.html",
        rows=[support_view(access) for access in page],
        page_of=page,
        given=given,
        page_query=urlencode({name: value for name, value in given.items() if value}),
        states=sorted(STATES),
    )
