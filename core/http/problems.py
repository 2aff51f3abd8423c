"""Errors as problem details (RFC 9457), for REST framework and for Django's own refusals."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import ClustrError, Denied, NotFound, TooLarge

CONTENT_TYPE = "application/problem+json"
#: Prefix of every problem's `type`: a relative reference; `console.views.reference` serves the page.
TYPE_PREFIX = "/docs/problems/#"

log = logging.getLogger(__name__)


def problem_of(error: ClustrError) -> dict[str, Any]:
    """The members of the problem: `type title status detail code`, `errors` for fields, and the error's extras."""
    problem: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if error.fields:
        problem["errors"] = error.fields
    return problem | error.extra


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's EXCEPTION_HANDLER. Anything that is nobody's mistake but ours stays an exception."""
    match error:
        case ClustrError():
            own = error
        case Http404():
            own = NotFound()
        case PermissionDenied():
            own = Denied()
        case RequestDataTooBig():
            own = TooLarge()
        case exceptions.APIException():
            set_rollback()
            return _from_framework(error)
        case _:
            return None
    set_rollback()
    return Response(problem_of(own), status=own.status, headers=_headers_of(own), content_type=CONTENT_TYPE)


def _headers_of(error: ClustrError) -> dict[str, str]:
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after_s"])
    return headers


def _from_framework(error: exceptions.APIException) -> Response:
    status = HTTPStatus(error.status_code)
    problem: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{error.default_code}",
        "title": status.phrase,
        "status": error.status_code,
        "detail": _sentence(error.detail),
        "code": error.default_code,
    }
    if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict):
        problem["errors"] = [
            {"field": str(field), "message": _sentence(messages)} for field, messages in error.detail.items()
        ]
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    return Response(problem, status=error.status_code, headers=headers, content_type=CONTENT_TYPE)


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        return " ".join(f"{field}: {_sentence(messages)}" for field, messages in detail.items())
    if isinstance(detail, list):
        return " ".join(_sentence(part) for part in detail)
    return str(detail)


def problem_response(error: ClustrError) -> JsonResponse:
    """The same, outside REST framework."""
    return JsonResponse(
        problem_of(error), status=error.status, headers=_headers_of(error), content_type=CONTENT_TYPE
    )


def wants_problem(request: HttpRequest) -> bool:
    """Whether this address belongs to the API, where a page would be the wrong kind of error."""
    return request.path.startswith(("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics"))
