"""How allauth's doors, its API and our pages, say no: as JSON to an app, as a page to a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.core.internal.ratelimit import respond_429
from allauth.headless.internal.restkit.response import APIResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.sending import NotSent, SentTooOften

#: Seconds. What allauth counts itself is counted over five minutes.
WAIT_S = 300
TOO_OFTEN = "Too many tries. Wait some minutes, then try again."


def refused(request: HttpRequest, status: int, code: str, message: str, *, param: str = "") -> HttpResponse:
    said = {"message": message, "code": code} | ({"param": param} if param else {})
    answer: HttpResponse = APIResponse(request, errors=[said], status=status)
    return answer


def too_often(
    request: HttpRequest, *, wait_s: int = WAIT_S, code: str = "rate_limited", message: str = TOO_OFTEN
) -> HttpResponse:
    if not is_headless_request(request):
        page: HttpResponse = respond_429(request)
        return page
    answer = refused(request, HTTPStatus.TOO_MANY_REQUESTS, code, message)
    answer["Retry-After"] = str(wait_s)
    return answer


def not_sent(request: HttpRequest) -> HttpResponse:
    if not is_headless_request(request):
        return render(request, "503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    message = "The message could not be sent. Try again later."
    return refused(request, HTTPStatus.SERVICE_UNAVAILABLE, "not_sent", message)


def account_taken(request: HttpRequest) -> HttpResponse:
    """For whoever has proved the address that somebody else has proved a moment before."""
    message = "This address has an account by now. Sign in with it."
    if is_headless_request(request):
        return refused(request, HTTPStatus.CONFLICT, "account_taken", message)
    context = {"heading": "This account was made already", "text": message}
    return render(request, "console/problem.html", context, status=HTTPStatus.CONFLICT)


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """What cannot be sent becomes the answer."""
    try:
        yield
    except SentTooOften:
        raise ImmediateHttpResponse(too_often(request)) from None
    except NotSent:
        raise ImmediateHttpResponse(not_sent(request)) from None
