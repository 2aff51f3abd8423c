"""What we do when something has happened in allauth."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import (
    login_code_rejected,
    password_changed,
    password_reset,
    password_reset_code_rejected,
    password_set,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.letters import password_changed_letter
from accounts.mails import send_mail
from accounts.models import User
from accounts.record import record
from accounts.second_factor import TYPES, second_factors_of
from accounts.sessions import end_other_sessions
from core.actors import SYSTEM
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
    if user.email and user.is_email_verified:
        letter = password_changed_letter(name=user.name)
        send_mail(user.email, letter.subject, letter.text)


@receiver(authenticator_added)
def a_second_factor_ends_the_sign_ins_without_one(
    sender: type[Authenticator], request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """Whoever came in with a stolen password goes out when its owner sets up his first second factor."""
    with unit_of_work():
        record(user, "accounts.second_factor.added", {"type": authenticator.type})
        if authenticator.type in TYPES and second_factors_of(user).count() == 1:
            end_other_sessions(user, kept=request.session.session_key, action="accounts.session.ended")


@receiver(authenticator_removed)
def a_removed_second_factor_is_on_record(
    sender: type[Authenticator], user: User, authenticator: Authenticator, **_: Any
) -> None:
    with unit_of_work():
        record(user, "accounts.second_factor.removed", {"type": authenticator.type})


@receiver(authenticator_reset)
def new_recovery_codes_are_on_record(
    sender: type[Authenticator], user: User, authenticator: Authenticator, **_: Any
) -> None:
    with unit_of_work():
        record(user, "accounts.second_factor.renewed", {"type": authenticator.type})


@receiver(authentication_failed)
def a_wrong_code_is_on_record(
    sender: type[Authenticator], request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """The password before it was right: somebody has it."""
    tried = {"address": get_adapter().get_client_ip(request), "type": authenticator.type}
    with unit_of_work():
        record(user, "accounts.second_factor.failed", tried, by=SYSTEM)


@receiver([login_code_rejected, password_reset_code_rejected])
def a_wrong_one_time_code_is_on_record(
    sender: type[Any], request: HttpRequest, user: User, last_attempt: bool, **_: Any
) -> None:
    tried = {
        "address": get_adapter().get_client_ip(request),
        "device": request.headers.get("User-Agent", "")[:200],
        "by": "code",
    }
    with unit_of_work():
        record(user, "accounts.sign_in.failed", tried, by=SYSTEM)
