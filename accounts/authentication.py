"""Who stands behind a REST request or a token. The one place that looks inside allauth's headless package."""

from typing import Any

from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication
from allauth.headless.tokens.strategies.jwt.internal import (
    decode_token,
    get_refresh_token_state,
    get_token_session,
    session_key_from_sid,
    session_key_to_sid,
    validate_access_token,
    validate_token_user,
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


def session_key_behind(refresh_token: str) -> str:
    """The key of the session that a refresh token of ours was made for; empty where it is none, or has expired."""
    claims = decode_token(refresh_token, "refresh")
    return (session_key_from_sid(claims["sid"]) or "") if claims else ""


def holder_of_spent(refresh_token: str) -> tuple[User, str] | None:
    """Whose sign-in, still alive, this refresh token was made for and spent in; None where that is not what it is."""
    claims = decode_token(refresh_token, "refresh")
    session = get_token_session(claims) if claims else None
    if claims is None or session is None or claims["jti"] in get_refresh_token_state(session):
        return None
    user: User | None = validate_token_user(claims, session)
    return (user, session.session_key) if user else None


def seal_session_key(session_key: str) -> str:
    """Encrypt a session's key for a token that its holder can read: the cookie's value must not come out of it."""
    return session_key_to_sid(session_key) if session_key else ""


def open_session_key(sealed: str) -> str:
    """The reverse; empty where there is none."""
    return (session_key_from_sid(sealed) or "") if sealed else ""
