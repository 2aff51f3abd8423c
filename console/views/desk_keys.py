"""The desk's page of API keys."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse

from console.views.roles import TITLES
from console.visits import Visit, estate_page
from estates.keys import STATES, key_view, keys_of
from estates.permissions import FOR_KEYS, MATRIX, Permission

PAGE_SIZE = 50
#: How long a key can be good for, in hours.
TERMS = ((24 * 30, "30 days"), (24 * 90, "90 days"), (24 * 180, "half a year"), (24 * 365, "a year"))


@estate_page(Permission.MANAGE_KEYS)
def keys(visit: Visit) -> HttpResponse:
    """Searched by `?q=` and `?state=`; its script makes and revokes them by REST."""
    given = {name: visit.request.GET.get(name, "").strip() for name in ("q", "state")}
    if given["state"] not in STATES:
        given["state"] = ""
    found = keys_of(visit.estate, given).order_by("-created_at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(visit.request.GET.get("page"))
    mine = FOR_KEYS & visit.actor.permissions
    return visit.draw(
        "console/desk_keys.html",
        rows=[
            {"key": view, "titles": [TITLES.get(value, value) for value in view.permissions]}
            for view in map(key_view, page)
        ],
        page_of=page,
        given=given,
        page_query=urlencode({name: value for name, value in given.items() if value}),
        states=sorted(STATES),
        terms=TERMS,
        choices=[row for row in MATRIX if row.permission in mine],
    )
