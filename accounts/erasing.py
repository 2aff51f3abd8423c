"""An account that is no more: nobody signs in to it, and nothing in it says whose it was."""

from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q

from accounts.models import User
from accounts.record import record
from core.actors import SYSTEM

#: Of what stands in the place of an address: the database wants one, and no mail can ever go there (RFC 2606).
DOMAIN: Final = "erased.invalid"


def pseudonym_of(user_id: UUID) -> str:
    """The same for one person everywhere, and nobody's name."""
    return f"Former member {user_id.hex[-6:]}"


def is_erased(prefix: str = "") -> Q:
    """Users who are erased. `prefix`: the way to them from the rows that are asked for ("membership__user__")."""
    return Q(**{f"{prefix}email__endswith": f"@{DOMAIN}"})


def end_sign_ins(user_id: UUID) -> None:
    """Every session and with it its tokens, every second factor and address. Called within a unit of work."""
    sign_ins = UserSession.objects.filter(user_id=user_id)
    Session.objects.filter(session_key__in=list(sign_ins.values_list("session_key", flat=True))).delete()
    sign_ins.delete()
    Authenticator.objects.filter(user_id=user_id).delete()
    EmailAddress.objects.filter(user_id=user_id).delete()


def erase_account(user_id: UUID) -> None:
    """Called within a unit of work, while the user still belongs to his estates: it stands on their record."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    record(user, "accounts.account.erased", {}, by=SYSTEM)
    user.set_unusable_password()
    User.objects.filter(pk=user_id).update(
        name=pseudonym_of(user_id),
        email=f"{user_id.hex}@{DOMAIN}",
        phone=None,
        is_phone_verified=False,
        is_email_verified=False,
        is_active=False,
        is_platform_admin=False,
        language="en",
        password=user.password,
        last_login=None,
    )
