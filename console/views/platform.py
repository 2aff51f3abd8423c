"""The platform admin's page: estates, and the way into one."""

from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import User
from console.links import page_url
from core.errors import NotFound
from core.http.filters import searched
from estates.errors import SecondFactorMissing
from estates.models import Estate
from estates.supporters import open_support, require_platform_admin

PAGE_SIZE = 20


@require_safe
@never_cache
@ensure_csrf_cookie
@login_required
def estates(request: HttpRequest) -> HttpResponse:
    """Searched by `?q=`. Who is no admin finds nothing here; its script enters, suspends and reinstates by REST."""
    try:
        user = require_platform_admin(cast(User, request.user))
    except NotFound as error:
        raise Http404 from error
    except SecondFactorMissing as error:
        said = {"heading": "Set up a second step first", "text": error.detail}
        return render(request, "console/problem.html", said, status=403)
    given = {"q": request.GET.get("q", "").strip()}
    found = searched(Estate.objects.all(), given, "name", "slug").order_by("name", "pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = [estate.pk for estate in page]
    inside = {access.estate_id: access for access in open_support().filter(user=user, estate_id__in=shown)}
    context: dict[str, object] = {
        "me": user,
        "rows": [
            {"estate": estate, "access": inside.get(estate.pk), "url": page_url("desk-people", estate.pk)}
            for estate in page
        ],
        "page_of": page,
        "given": given,
        "page_query": urlencode({"q": given["q"]}) if given["q"] else "",
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
    return render(request, "console/platform.html", context)
