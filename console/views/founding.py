"""Starting an estate of one's own."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import User
from console.links import page_url
from console.shell import shell_version
from core.ids import new_id
from estates.geography import country_names, time_zones, zones_by_country

#: What an estate is in until its maker says otherwise.
USUAL_COUNTRY = "NG"


@require_safe
@never_cache
@ensure_csrf_cookie
@login_required
def new_estate(request: HttpRequest) -> HttpResponse:
    """The id is made with the page: a form that is sent twice makes one estate."""
    estate_id = new_id()
    context = {
        "me": cast(User, request.user),
        "estate_id": estate_id,
        "then": page_url("desk-start", estate_id),
        "countries": country_names().items(),
        "usual_country": USUAL_COUNTRY,
        "zones": sorted(time_zones()),
        "usual_zone": zones_by_country()[USUAL_COUNTRY][0],
        "zones_by_country": zones_by_country(),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
    response = render(request, "console/new_estate.html", context)
    response["X-ClustR-Shell"] = shell_version()
    return response
