"""How allauth reaches our users: phone numbers stand on the user; sign-up goes through an estate, not through it."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.core.internal.ratelimit import consume, respond_429
from allauth.headless.internal.restkit.response import APIResponse
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.lockout import Attempt, LockedOut, attempt_of, note_failure
from accounts.models import User
from accounts.phones import PhoneNotValid, PhoneTaken, e164, verify_phone
from accounts.texts import send_code

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

    def phone_form_field(self, **kwargs: Any) -> Any:
        """Never left out: a one-time code goes to a phone, and to nothing else. Written as people do, with spaces:
        `clean_phone` decides.
        """
        return super().phone_form_field(**kwargs | {"required": True, "validators": []})

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        """His number, once he has proved that it is; until then he may still give it as a new one."""
        assert isinstance(user, User)
        return (user.phone, True) if user.phone and user.is_phone_verified else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:
        User.objects.filter(pk=user.pk).update(phone=phone, is_phone_verified=verified)

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        assert isinstance(user, User)
        try:
            verify_phone(user, phone)
        except PhoneTaken as refusal:
            said = [{"message": refusal.detail, "code": refusal.code, "param": "phone"}]
            raise ImmediateHttpResponse(APIResponse(self.request, errors=said, status=409)) from None

    def send_verification_code_sms(self, user: AbstractBaseUser, phone: str, code: str, **_: Any) -> None:
        """To the number, and seldom: who asks too often, or for too many numbers, gets 429."""
        if not consume(self.request, app="allauth.account", action="text_code", key=phone):
            if is_headless_request(self.request):
                raise self.validation_error("rate_limited")
            raise ImmediateHttpResponse(respond_429(self.request))
        if not send_code(phone, code, valid_s=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT):
            raise ImmediateHttpResponse(self._not_sent())

    def clean_email(self, email: str) -> str:
        """Another address is one that a mail would have to prove."""
        if self.request.user.is_authenticated:
            raise ImmediateHttpResponse(self._not_sent())
        return str(super().clean_email(email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """There is no mail yet: whoever asks for one is told so."""
        raise ImmediateHttpResponse(self._not_sent())

    def _not_sent(self) -> HttpResponse:
        if not is_headless_request(self.request):
            return render(self.request, "503.html", status=503)
        said = [{"message": "The message could not be sent. Try again later.", "code": "not_sent"}]
        answer: HttpResponse = APIResponse(self.request, errors=said, status=503)
        return answer

    def get_user_by_phone(self, phone: str) -> AbstractBaseUser | None:
        try:
            return User.objects.filter(phone=e164(phone), is_phone_verified=True).first()
        except PhoneNotValid:
            return None

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
