"""How allauth reaches our users: email addresses and phone numbers stand on the user, not in a table of its own."""

from http import HTTPStatus
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from accounts.emails import verify_email
from accounts.letters import no_account_letter
from accounts.lockout import Attempt, LockedOut, attempt_of, note_failure
from accounts.models import User
from accounts.phones import PhoneNotValid, PhoneTaken, e164, verify_phone
from accounts.reachable import user_reached_by_phone
from accounts.refusals import TOO_OFTEN, WAIT_S, answering, refused, too_often
from accounts.sending import mail_code, mail_letter, text_code

STAGES_REPLACED = frozenset(
    {"allauth.account.stages.PhoneVerificationStage", "allauth.account.stages.EmailVerificationStage"}
)
SIGN_UP_STAGES = (
    "accounts.sign_up.ProvePhoneStage",
    "accounts.sign_up.ProveEmailStage",
    "accounts.sign_up.MakeAccountStage",
)
TOO_MANY = frozenset({"too_many_login_attempts", "rate_limited"})


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "Too many tries. Wait some minutes, then try again. In an emergency, call.",
        "rate_limited": TOO_OFTEN,
    }

    _login_failed_rl_usage: Attempt
    _wait_s = WAIT_S

    def clean_phone(self, phone: str) -> str:
        try:
            return e164(phone)
        except PhoneNotValid as error:
            raise ValidationError(error.detail, code=error.code) from None

    def phone_form_field(self, **kwargs: Any) -> Any:
        """Written as people do, with spaces: `clean_phone` decides."""
        return super().phone_form_field(**kwargs | {"validators": []})

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
            answer = refused(self.request, HTTPStatus.CONFLICT, refusal.code, refusal.detail, param="phone")
            raise ImmediateHttpResponse(answer) from None

    def send_verification_code_sms(self, user: AbstractBaseUser, phone: str, code: str, **_: Any) -> None:
        """To the number, and seldom: who asks too often, or for too many numbers, gets 429."""
        with answering(self.request):
            text_code(self.request, phone, code)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth asks for two, of those who sign in by a code; the words are ours."""
        with answering(self.request):
            if template_prefix == "account/email/login_code":
                valid_s = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
                mail_code(self.request, email, context["code"], valid_s=valid_s)
            elif template_prefix == "account/email/unknown_account":
                mail_letter(self.request, email, no_account_letter())
            else:
                raise LookupError(f"no letter for {template_prefix}")

    def get_user_by_phone(self, phone: str) -> AbstractBaseUser | None:
        """Whoever signs in with this number: it lets him in by a code, too."""
        return user_reached_by_phone(phone)

    def get_login_stages(self) -> list[str]:
        """Those of a sign-up are ours: they come before an account is made, not after it."""
        stages = [stage for stage in super().get_login_stages() if stage not in STAGES_REPLACED]
        return [stages[0], *SIGN_UP_STAGES, *stages[1:]]

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        """Whoever came with a code by mail has proved that the address is his."""
        assert isinstance(user, User)
        records = get_authentication_records(request, user)
        if records and records[-1]["method"] == "code" and (email := records[-1].get("email")):
            verify_email(user, email)
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

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
        answer = too_often(
            self.request, wait_s=self._wait_s, code=str(error.code), message=str(error.message)
        )
        raise ImmediateHttpResponse(answer)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        note_failure(self._login_failed_rl_usage)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """allauth looks for the address in a table of its own; ours stands on the user."""
        assert isinstance(user, User)
        login = {"email": user.email} if user.email else {"phone": user.phone}
        found = self.authenticate(context.request, password=password, **login)
        return found is not None and found.pk == user.pk
