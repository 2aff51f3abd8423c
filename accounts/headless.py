"""Our part of allauth's API: sign-up, addresses and passwords, where it would look into a table of its own."""

from http import HTTPStatus
from typing import Any

from allauth.account.forms import BaseConfirmCodeForm
from allauth.decorators import rate_limit
from allauth.headless.account import views
from allauth.headless.account.response import PhoneNumbersResponse
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from allauth.headless.base.views import APIView, AuthenticatedAPIView
from allauth.headless.internal.restkit.inputs import Input
from allauth.headless.internal.restkit.response import APIResponse
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from accounts.email_change import EmailChange
from accounts.emails import EmailTaken
from accounts.forms import ChangeEmailForm, KeyForm, LoginCodeForm, ResetRequestForm, SignUpForm
from accounts.models import User
from accounts.password_reset import PasswordReset
from accounts.refusals import refused, too_often
from accounts.sending import may_try_code
from accounts.sign_up import SignUpCode, begin_sign_up


class SignUpInput(SignUpForm, Input):
    pass


class ResetRequestInput(ResetRequestForm, Input):
    pass


class ChangeEmailInput(ChangeEmailForm, Input):
    pass


class LoginCodeInput(LoginCodeForm, Input):
    pass


class KeyInput(KeyForm, Input):
    pass


class CodeInput(BaseConfirmCodeForm, Input):
    pass


@method_decorator(rate_limit(action="signup"), name="handle")
class SignUpView(APIView):
    input_class = {"POST": SignUpInput}

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return ConflictResponse(request)
        answer = begin_sign_up(request, **self.input.cleaned_data)
        return AuthenticationResponse.from_response(request, answer)


class _Verify(APIView):
    """A code against whatever waits for one: `process`, found anew at each request."""

    process: Any

    def waiting(self, request: HttpRequest) -> Any:
        raise NotImplementedError

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.process = self.waiting(request)
        if self.process is None:
            return ConflictResponse(request)
        if not may_try_code(request):
            return too_often(request)
        return super().handle(request, *args, **kwargs)

    def get_input_kwargs(self) -> dict[str, Any]:
        return {"code": self.process.code}

    def handle_invalid_input(self, input: Input) -> HttpResponse:
        self.process.record_invalid_attempt()
        return super().handle_invalid_input(input)


class VerifyEmailView(_Verify):
    """Of a sign-up, or of somebody who is signed in and changes his address."""

    input_class = {"POST": KeyInput}

    def waiting(self, request: HttpRequest) -> SignUpCode | EmailChange | None:
        if isinstance(request.user, User):
            return EmailChange.resume(request, request.user)
        process = SignUpCode.resume(request)
        return process if process and process.is_by_mail else None

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            answer = self.process.finish()
        except EmailTaken as refusal:
            return refused(request, HTTPStatus.CONFLICT, refusal.code, refusal.detail, param="email")
        return _answered(request, answer)


class _VerifySignUpPhone(_Verify):
    input_class = {"POST": CodeInput}

    def waiting(self, request: HttpRequest) -> SignUpCode | None:
        process = SignUpCode.resume(request)
        return process if process and not process.is_by_mail else None

    def post(self, request: HttpRequest) -> HttpResponse:
        return _answered(request, self.process.finish())


class VerifyPhoneView(views.VerifyPhoneView):
    """allauth's for whoever is signed in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        view = _VerifySignUpPhone(client=self.client)
        view.setup(request, *args, **kwargs)
        return view.dispatch(request, *args, **kwargs)


class ResendView(APIView):
    """The code of a sign-up once more: another one, to the same address."""

    handle_json_input = False

    def post(self, request: HttpRequest) -> HttpResponse:
        process = SignUpCode.resume(request)
        if process is None or not process.can_resend:
            return ConflictResponse(request)
        process.resend()
        return APIResponse(request)


class RequestLoginCodeView(views.RequestLoginCodeView):
    input_class = LoginCodeInput


@method_decorator(rate_limit(action="manage_email"), name="handle")
class EmailView(AuthenticatedAPIView):
    input_class = {"POST": ChangeEmailInput}

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        assert isinstance(user, User)
        address = {"email": user.email, "verified": user.is_email_verified, "primary": True}
        return APIResponse(request, data=[address] if user.email else [])

    def post(self, request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)
        process = EmailChange.initiate(request, request.user, self.input.cleaned_data["email"])
        waiting = {"email": process.email, "verified": False, "primary": False}
        return APIResponse(request, data=[waiting], status=HTTPStatus.ACCEPTED)

    def get_input_kwargs(self) -> dict[str, Any]:
        return {"user": self.request.user}


class PhoneView(views.ManagePhoneView):
    """allauth's; what the office typed stands there as well, as not proved."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        assert isinstance(user, User)
        numbers = [{"phone": user.phone, "verified": user.is_phone_verified}] if user.phone else []
        return PhoneNumbersResponse(request, numbers)


@method_decorator(rate_limit(action="reset_password"), name="handle")
class RequestResetView(APIView):
    input_class = {"POST": ResetRequestInput}

    def post(self, request: HttpRequest) -> HttpResponse:
        PasswordReset.begin(request, **self.input.cleaned_data)
        return AuthenticationResponse(request)


@method_decorator(rate_limit(action="reset_password_from_key"), name="handle")
class ResetView(views.ResetPasswordView):
    """With a code that came by mail or by text."""

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.process = PasswordReset.resume(request)
        if self.process is None:
            return ConflictResponse(request)
        # Not allauth's own: it would look for its own kind of process.
        return APIView.handle(self, request, *args, **kwargs)


def _answered(request: HttpRequest, answer: HttpResponse | None) -> HttpResponse:
    """A refusal of ours as it is; else how far the sign-in has come."""
    if isinstance(answer, APIResponse) and answer.status_code >= HTTPStatus.BAD_REQUEST:
        return answer
    return AuthenticationResponse.from_response(request, answer)
