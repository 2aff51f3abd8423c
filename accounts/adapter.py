"""How allauth reaches our users: phone numbers stand on the user; sign-up goes through an estate, not through it."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.internal.restkit.response import APIResponse
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.lockout import Attempt, LockedOut, attempt_of, note_failure
from accounts.models import User
from accounts.phones import PhoneNotValid, e164

TOO_MANY = frozenset({"too_many_login_attempts", "rate_limited"})


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "Too many tries. Wait some minutes, then try again. In an emergency, call.",
        "rate_limited": "Too many tries. Wait some minutes, then try again.",
    }

    _login_failed_rl_usage: Attempt
    #: Seconds; what allauth counts itself (codes of a second factor) is counted over five minutes.
    _wait_s = 300

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_phone(self, phone: str) -> str:
        try:
            return e164(phone)
        except PhoneNotValid as error:
            raise ValidationError(error.detail, code=error.code) from None

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        assert isinstance(user, User)
        return (user.phone, user.is_phone_verified) if user.phone else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:
        User.objects.filter(pk=user.pk).update(phone=phone, is_phone_verified=verified)

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        User.objects.filter(pk=user.pk, phone=phone).update(is_phone_verified=True)

    def get_user_by_phone(self, phone: str) -> AbstractBaseUser | None:
        return User.objects.filter(phone=phone, is_phone_verified=True).first()

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There is no user name to fill."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth's own counts every sign-in by phone as one account's, and tells apart no addresses."""
        self._login_failed_rl_usage = attempt_of(request, credentials)
        try:
            self._login_failed_rl_usage.count()
        except LockedOut as refusal:
            self._wait_s = refusal.wait_s
            raise self.validation_error("too_many_login_attempts") from None

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """An error for a form. To the API, too many tries are no mistake in a form but a refusal of their own, 429."""
        error: ValidationError = super().validation_error(code, *args)
        if code not in TOO_MANY or not is_headless_request(self.request):
            return error
        said = [{"message": error.message, "code": error.code}]
        answer = APIResponse(self.request, errors=said, status=429)
        answer["Retry-After"] = str(self._wait_s)
        raise ImmediateHttpResponse(answer)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        note_failure(self._login_failed_rl_usage)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """allauth looks for the address in a table of its own; ours stands on the user."""
        assert isinstance(user, User)
        login = {"email": user.email} if user.email else {"phone": user.phone}
        found = self.authenticate(context.request, password=password, **login)
        return found is not None and found.pk == user.pk
