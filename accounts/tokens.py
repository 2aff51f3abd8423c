"""Tokens of apps: a refresh token is good once, and a second use of it ends the sign-in."""

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from django.contrib.sessions.models import Session

from accounts.authentication import holder_of_spent, session_key_behind
from accounts.sessions import end_session
from core.unit_of_work import unit_of_work


class TokenStrategy(JWTTokenStrategy):
    """allauth rotates refresh tokens and refuses a spent one. That two people hold it means that one of them stole it,
    and which one cannot be known: so the whole sign-in ends (RFC 9700, section 4.14.2).
    """

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """New access and refresh tokens, or None where the token is worth nothing."""
        with unit_of_work():
            # Held until the commit: of two that come at once with the same token, the second must see that it is spent.
            sessions = Session.objects.select_for_update()
            sessions.filter(session_key=session_key_behind(refresh_token)).first()
            tokens: tuple[str, str] | None = super().refresh_token(refresh_token)
            if tokens is None and (holder := holder_of_spent(refresh_token)) is not None:
                user, session_key = holder
                end_session(user, session_key, action="accounts.token.reused")
        return tokens
