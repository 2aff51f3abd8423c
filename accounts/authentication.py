"""Who stands behind a REST request or a token. The one place that looks inside allauth's headless package."""

from typing import Any

from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication
from allauth.headless.tokens.strategies.jwt.internal import (
    session_key_from_sid,
    session_key_to_sid,
    validate_access_token,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User


class BearerAuthentication(JWTTokenAuthentication):
    """`Authorization: Bearer` with an access token whose session still lives. `request.auth`: the session's key."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        found: tuple[User, str] | None = super().authenticate(request)
        if found is not None:
            # For those who see Django's request and not the framework's (`accounts.last_use`).
            vars(request._request)["bearer"] = found
        return found

    def authenticate_credentials(self, key: str) -> tuple[User, str]:
        found: tuple[Any, dict[str, Any]] | None = validate_access_token(key)
        if found is None:
            raise AuthenticationFailed(
                "The access token is not valid, has expired, or its session was ended."
            )
        user, claims = found
        return user, session_key_from_sid(claims["sid"]) or ""


def session_key_of(request: Request) -> str:
    """The key of the session behind an authenticated request, whichever way it came."""
    if isinstance(request.auth, str) and request.auth:
        return request.auth
    return request.session.session_key or ""


def seal_session_key(session_key: str) -> str:
    """Encrypt a session's key for a token that its holder can read: the cookie's value must not come out of it."""
    return session_key_to_sid(session_key) if session_key else ""


def open_session_key(sealed: str) -> str:
    """The reverse; empty where there is none."""
    return (session_key_from_sid(sealed) or "") if sealed else ""
