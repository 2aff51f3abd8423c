"""Coming to belong: asking with a code, answering an invitation, deciding, inviting, keeping a household."""

from typing import cast
from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import User
from console.visits import Visit, estate_page
from core.errors import Invalid, NotFound, RateLimited
from core.http.addresses import address_of
from estates.models import Occupancy, Unit
from estates.people import role_view, roles_of
from estates.permissions import Permission
from estates.selectors import memberships_of
from joining.selectors import (
    INVITATION_STATES,
    REQUEST_STATES,
    households_of,
    invitation_view,
    invitations_from,
    join_code_view,
    my_request_view,
    request_view,
    requests_of,
    requests_to,
)
from joining.services.codes import estate_behind

PAGE_SIZE = 50
KINDS = [(kind.value, kind.label) for kind in Occupancy.Kind]
#: Names that a page offers while somebody types; whoever has more homes types the whole name.
MOST_NAMES = 2000


@require_safe
@never_cache
@ensure_csrf_cookie
@login_required
def join(request: HttpRequest) -> HttpResponse:
    """Asks with `?code=`, as the QR code brings it. Of the estate its name is said, and nothing else."""
    user = cast(User, request.user)
    code = request.GET.get("code", "").strip()[:40]
    estate, trouble = "", ""
    if code:
        try:
            estate = estate_behind(user=user, code=code, address=address_of(request)).name
        except (NotFound, RateLimited) as error:
            trouble = error.title
    mine = [my_request_view(row) for row in requests_of(user, {}).order_by("-asked_at", "-pk")[:20]]
    context = {
        "code": code,
        "estate_name": estate,
        "trouble": trouble,
        "kinds": KINDS,
        "requests": mine,
        "is_waiting": any(row.state == "open" for row in mine),
        "belongs": memberships_of(user).exists(),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
    return render(request, "console/join.html", context)


@require_safe
@never_cache
@ensure_csrf_cookie
def invited(request: HttpRequest) -> HttpResponse:
    """The page behind an invitation's link. Its script reads the rest of the link, which the browser sends nobody."""
    me = request.user if isinstance(request.user, User) else None
    context = {"signed_in": me, "csrf_cookie": settings.CSRF_COOKIE_NAME}
    response = render(request, "console/invited.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@estate_page(Permission.MANAGE_PEOPLE)
def requests(visit: Visit) -> HttpResponse:
    """Who asks, live, and the code with which they do; `?state=`, `?q=`."""
    given = {name: visit.request.GET.get(name, "").strip() for name in ("q", "state")}
    given["state"] = given["state"] if given["state"] in REQUEST_STATES else "open"
    found = requests_to(visit.estate, given).order_by("-asked_at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(visit.request.GET.get("page"))
    return visit.draw(
        "console/desk_requests.html",
        rows=[request_view(row) for row in page],
        page_of=page,
        given=given,
        page_query=urlencode(given),
        states=[(state, state.capitalize()) for state in REQUEST_STATES],
        code=join_code_view(visit.estate),
        kinds=KINDS,
        units=unit_names(visit),
        roles=_roles(visit),
    )


@estate_page(Permission.MANAGE_PEOPLE)
def code_picture(visit: Visit) -> HttpResponse:
    """The QR code of the address at which somebody asks, to print and hang up."""
    url = join_code_view(visit.estate).url
    if url is None:
        raise Http404
    return HttpResponse(get_adapter().build_totp_svg(url), content_type="image/svg+xml")


@estate_page(Permission.MANAGE_PEOPLE)
def invitations(visit: Visit) -> HttpResponse:
    """Whom the office invited; `?state=`, `?q=`."""
    given = {name: visit.request.GET.get(name, "").strip() for name in ("q", "state")}
    try:
        found = invitations_from(visit.estate, given)
    except Invalid:
        found = invitations_from(visit.estate, given | {"state": "all"})
    page = Paginator(found.order_by("-created_at", "-pk"), PAGE_SIZE).get_page(visit.request.GET.get("page"))
    return visit.draw(
        "console/desk_invitations.html",
        rows=[invitation_view(row) for row in page],
        page_of=page,
        given=given,
        page_query=urlencode({name: value for name, value in given.items() if value}),
        states=[(state, state.capitalize()) for state in INVITATION_STATES],
        kinds=KINDS,
        units=unit_names(visit),
        roles=_roles(visit),
    )


@estate_page(Permission.KEEP_HOUSEHOLD)
def household(visit: Visit) -> HttpResponse:
    """The resident's own homes, and whom he added there."""
    words = dict(Occupancy.Kind.choices)
    homes = [
        {"home": home, "kinds": [(kind, words[kind]) for kind in home.kinds]}
        for home in households_of(visit.actor, visit.estate)
    ]
    return visit.draw("console/household.html", homes=homes)


def unit_names(visit: Visit) -> list[str]:
    names = Unit.objects.of(visit.estate).order_by("name").values_list("name", flat=True)
    return list(names[:MOST_NAMES])


def _roles(visit: Visit) -> list[tuple[str, str]]:
    """Those that he may give beside what comes with a home."""
    if not visit.actor.may(Permission.MANAGE_ROLES):
        return []
    follows = {"owner", "tenant", "household_member", "child"}
    roles = [role_view(role) for role in roles_of(visit.estate).order_by("name")]
    return [(role.key, role.name) for role in roles if role.key not in follows]
