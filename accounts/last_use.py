"""When, from where and with what each sign-in was last used, for its owner's list."""

import logging
import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.usersessions.models import UserSession
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.sessions import live_sessions
from core.clock import now

#: Seconds for which one process does not write down again that a sign-in is in use.
WRITTEN_EVERY_S = 300
#: Sign-ins that a process remembers having written down.
REMEMBERED = 10_000

log = logging.getLogger(__name__)


class LastUseMiddleware:
    """Notes it after the answer is made: an SOS must not wait for it. In the process's memory stands what was noted
    lately, so that a busy tablet costs one write in minutes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._written_at: dict[str, float] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user, key = _behind(request)
        if user is not None and key and self._is_due(key):
            try:
                _write(request, user, key)
            except DatabaseError as error:
                log.warning("The last use of a sign-in was not written down (%s)", error)
        return response

    def _is_due(self, key: str) -> bool:
        at = time.monotonic()
        if at - self._written_at.get(key, -WRITTEN_EVERY_S) < WRITTEN_EVERY_S:
            return False
        if len(self._written_at) >= REMEMBERED:
            self._written_at.clear()
        self._written_at[key] = at
        return True


def _behind(request: HttpRequest) -> tuple[User | None, str]:
    """Who sent the request and the key of his session, whichever way he signed in."""
    bearer: tuple[User, str] | None = getattr(request, "bearer", None)
    if bearer is not None:
        return bearer
    # A request that never asked who sent it needs no query for that now.
    if not request.session.accessed or not isinstance(request.user, User):
        return None, ""
    return request.user, request.session.session_key or ""


def _write(request: HttpRequest, user: User, key: str) -> None:
    seen = {
        "last_seen_at": now(),
        "ip": get_adapter().get_client_ip(request),
        "user_agent": request.headers.get("User-Agent", "")[:HTTP_USER_AGENT_MAX_LENGTH],
    }
    # Only those who signed in before there was a list have no row; and one that has just been ended must not get one.
    if not UserSession.objects.filter(session_key=key).update(**seen) and live_sessions([key]):
        UserSession.objects.get_or_create(session_key=key, defaults={"user": user, **seen})
