"""What every request gets: an id for the answer and the log, and what a browser may do with the answer."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

#: The running request's id, for the log's formatter.
request_id: ContextVar[str] = ContextVar("request_id", default="-")

_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


class RequestIdMiddleware:
    """Takes a well-formed `X-Request-Id` from the proxy or makes one, and sends it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        value = given if _GIVEN.match(given) else uuid.uuid4().hex
        token = request_id.set(value)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = value
        return response


#: What pages of ours use of a browser's powers; everything else is off, for what they load too.
PERMISSIONS_POLICY = ", ".join(
    [
        *(f"{power}=(self)" for power in ("geolocation", "screen-wake-lock", "publickey-credentials-get")),
        *(f"{power}=(self)" for power in ("publickey-credentials-create", "autoplay", "fullscreen")),
        *(f"{power}=()" for power in ("camera", "microphone", "payment", "usb", "serial", "hid")),
        *(
            f"{power}=()"
            for power in ("display-capture", "midi", "accelerometer", "gyroscope", "magnetometer")
        ),
    ]
)


class BrowserPolicyMiddleware:
    """No other site may load an answer, no browser keeps one, and pages have the powers that they need.

    An answer that says itself how long it may be kept (files, the manifest, the reference) is left as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response
