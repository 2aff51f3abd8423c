"""What an answer or the API's guide points to: pages for programmers, open to everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from console.problems import catalogue
from realtime.specification.document import asyncapi
from realtime.specification.overview import overview_of


@require_safe
@cache_control(max_age=300)
def problems(request: HttpRequest) -> HttpResponse:
    """Every problem code; a problem's `type` is this address and the code."""
    return render(request, "console/reference_problems.html", {"groups": catalogue()})


@require_safe
@cache_control(max_age=300)
def live_feed(request: HttpRequest) -> HttpResponse:
    """The AsyncAPI document, for people."""
    return render(request, "console/reference_realtime.html", {"feed": overview_of(asyncapi())})
