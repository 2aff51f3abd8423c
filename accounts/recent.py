"""Acts for which an open session is not enough: its owner must have shown lately that it is he."""

import time
from typing import Any, Final

from allauth.account import app_settings
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from accounts.second_factor import second_factors_of
from core.errors import Denied

#: Seconds for which somebody who has shown who he is need not do so again.
RECENT_S: Final[int] = app_settings.REAUTHENTICATION_TIMEOUT


class ConfirmFirst(Denied):
    """`wanted`: what is to be shown: `password`, or `second_step`."""

    code = "confirm_first"
    title = "Show first that it is you"

    def __init__(self, wanted: str) -> None:
        words = "your second step" if wanted == "second_step" else "your password"
        super().__init__(
            f"Confirm {words}: the last time is longer than {RECENT_S // 60} minutes ago.", wanted=wanted
        )


def require_recent(user: User, session_key: str, *, with_second_step: bool = False) -> None:
    """Raises `ConfirmFirst` unless the session signed in, or confirmed, within the last minutes. `with_second_step`:
    that was his second factor, where he has one.
    """
    recent = _recent_methods(session_key)
    if not recent:
        raise ConfirmFirst("password")
    if with_second_step and "mfa" not in recent and second_factors_of(user).exists():
        raise ConfirmFirst("second_step")


def _recent_methods(session_key: str) -> set[str]:
    if not session_key:
        return set()
    records: list[dict[str, Any]] = SessionStore(session_key).get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    since = time.time() - RECENT_S
    return {str(one.get("method")) for one in records if float(one.get("at", 0)) >= since}
