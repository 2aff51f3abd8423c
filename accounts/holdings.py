"""What accounts hold of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.erasing import end_sign_ins, erase_account
from accounts.models import User
from core.batches import delete_some
from core.personal_data import holds


def _sign_ins(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    fields = ("ip", "user_agent", "created_at", "last_seen_at")
    yield from UserSession.objects.filter(user_id=user_id).values(*fields).iterator()


def _second_factors(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    """That there are some, never their secrets."""
    fields = ("type", "created_at", "last_used_at")
    yield from Authenticator.objects.filter(user_id=user_id).values(*fields).iterator()


def _account(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    fields = (
        "id",
        "name",
        "email",
        "is_email_verified",
        "phone",
        "is_phone_verified",
        "language",
        "created_at",
    )
    yield from User.objects.filter(pk=user_id).values(*fields)


def _purge_sign_ins(before: datetime, limit: int) -> int:
    """Those that have expired; and what the list says of sign-ins that are no more."""
    found = delete_some(Session.objects.filter(expire_date__lt=before).order_by("expire_date"), limit)
    live = Session.objects.values("session_key")
    gone = UserSession.objects.filter(last_seen_at__lt=before).exclude(session_key__in=live)
    return max(found, delete_some(gone.order_by("last_seen_at"), limit))


holds(
    "accounts.sign_ins",
    what="Sign-ins: when, from which address, with which browser or app",
    why="Their owner sees where he is signed in, and ends what he does not know",
    models=["usersessions.UserSession", "sessions.Session"],
    days=30,
    purge=_purge_sign_ins,
    on_deletion="ended and deleted",
    export=_sign_ins,
    erase=end_sign_ins,
)
holds(
    "accounts.second_factors",
    what="Authenticator apps, security keys, recovery codes",
    why="A stolen password alone opens nothing",
    models=["mfa.Authenticator", "account.EmailAddress", "account.EmailConfirmation"],
    kept="until they are switched off",
    on_deletion="deleted",
    export=_second_factors,
)
holds(
    "accounts.account",
    what="Name, email, phone, language, password (hashed)",
    why="Signing in, and being known to one's estates",
    models=["accounts.User"],
    kept="until the account is erased",
    on_deletion="the name becomes a pseudonym; email, phone and password are removed",
    export=_account,
    erase=erase_account,
)
