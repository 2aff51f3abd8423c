"""A second factor beside the password: authenticator apps, security keys and recovery codes of allauth, our way."""

import base64
import hashlib
import logging
import secrets
from collections.abc import Iterable
from uuid import UUID

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User

#: Recovery codes alone are none: they stand in for one of these.
TYPES = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

log = logging.getLogger(__name__)


def second_factors_of(user: User) -> QuerySet[Authenticator]:
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=TYPES)
    return factors


def users_with_second_factor(user_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the users who have one, in one query."""
    having = Authenticator.objects.filter(type__in=TYPES, user__pk__any_of=list(user_ids))
    return set(having.values_list("user_id", flat=True))


def pending_totp_secret(request: HttpRequest) -> str | None:
    """The secret of the authenticator app that is being set up in this session, until its first code has come."""
    return request.session.get(SECRET_SESSION_KEY)


class MFAAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted: a copy of the database opens nobody's account."""

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        assert isinstance(user, User)
        return user.email or user.phone or user.name

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # Nothing that anybody shows may fit.
            log.error("A second factor was kept under another CLUSTR_SECRET_KEY; it must be set up anew")
            return base64.b32encode(secrets.token_bytes(20)).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"accounts.second_factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
