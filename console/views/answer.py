"""The page behind the link in a responder's text: what, where, who, and one button. Nobody signs in for it."""

from contextlib import suppress
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from console.links import page_url
from core.errors import Conflict
from emergency.links import LinkNotValid
from emergency.services import acknowledge_by_link, open_link


# The address is the secret, and no cookie is looked at: there is nothing that another site's form could borrow.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the alert; a press of the button says "I have it". Once that is said, the page tells no more than that."""
    try:
        if request.method == "POST":
            return _say_so(request, token)
        return _discreetly(_draw(request, token))
    except LinkNotValid:
        return _discreetly(render(request, "console/answer_gone.html", status=404))


def _say_so(request: HttpRequest, token: str) -> HttpResponse:
    # It is over meanwhile: the page says so.
    with suppress(Conflict):
        acknowledge_by_link(token)
    return _discreetly(redirect(request.path))


def _draw(request: HttpRequest, token: str) -> HttpResponse:
    link = open_link(token)
    with timezone.override(ZoneInfo(link.estate.time_zone)):
        return render(
            request,
            "console/answer.html",
            {
                "alert": link.alert,
                "estate": link.estate,
                "me": link.member,
                "standing": link.standing.value,
                "board": page_url("board", link.estate.pk),
            },
        )


def _discreetly(response: HttpResponse) -> HttpResponse:
    """The address opens something: no other site and no search engine is to learn it."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
