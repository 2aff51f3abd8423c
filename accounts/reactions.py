"""What we do when something has happened in allauth."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.record import record
from accounts.sessions import end_other_sessions
from core.unit_of_work import unit_of_work


@receiver([password_changed, password_set, password_reset])
def a_new_password_ends_the_other_sign_ins(
    sender: type[User], request: HttpRequest, user: User, **_: Any
) -> None:
    """Their requests are refused anyway, because the password is part of a session's signature; this closes their
    sockets as well.
    """
    with unit_of_work():
        record(user, "accounts.password.changed", {})
        end_other_sessions(user, kept=request.session.session_key, action="accounts.session.ended")
