"""JSON for allauth's API in which every character is whole.

JSON can write half of a surrogate pair (`"\\ud800"`), which no text holds: hashing it as a password, or asking the
database for it, would fail on our side. Our own API refuses it when it reads a body (`core.http.json`).
"""

import json
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

#: How a half begins in JSON, whatever its case.
HALF = b"\\ud"


class WholeTextMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.path.startswith("/_allauth/")
            and HALF in request.body.lower()
            and not _is_whole(request.body)
        ):
            said = {"code": "invalid", "message": "The text holds half a character."}
            return JsonResponse({"status": 400, "errors": [said]}, status=HTTPStatus.BAD_REQUEST)
        return self.get_response(request)


def _is_whole(body: bytes) -> bool:
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    except (ValueError, RecursionError):
        # No JSON at all: allauth says so.
        return True
    return True
