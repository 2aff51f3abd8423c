"""Making an account, and setting a new password. Both work without a script."""

from typing import Any

from allauth.account.forms import BaseConfirmCodeForm
from allauth.account.internal.flows.password_reset import reset_password
from allauth.account.utils import get_next_redirect_url
from allauth.decorators import rate_limit
from allauth.headless.account.inputs import ResetPasswordInput
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView

from accounts.forms import SignUpForm
from accounts.password_reset import PasswordReset
from accounts.refusals import too_often
from accounts.sending import may_try_code
from accounts.sign_up import SignUpCode, begin_sign_up
from console.forms import ForgottenPasswordForm

page = require_http_methods(["GET", "HEAD", "POST"])


@method_decorator(never_cache, name="dispatch")
@method_decorator(rate_limit(action="signup"), name="post")
class SignUp(FormView):  # type: ignore[type-arg]  # it is no generic when it runs
    """Name, addresses and a password. `next`: where to go once there is an account."""

    template_name = "console/sign_up.html"
    form_class = SignUpForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("/") if request.user.is_authenticated else super().get(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        if self.request.user.is_authenticated:
            return redirect("/")
        return begin_sign_up(self.request, **form.cleaned_data, next_url=get_next_redirect_url(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"next_url": get_next_redirect_url(self.request)}


@page
@never_cache
def sign_up_code(request: HttpRequest) -> HttpResponse:
    """For one address after the other, until there is an account."""
    process = SignUpCode.resume(request)
    if process is None:
        return redirect("account_signup")
    is_resent = "again" in request.POST and process.can_resend
    if is_resent:
        process.resend()
    form = BaseConfirmCodeForm(None if is_resent else (request.POST or None), code=process.code)
    if form.is_bound:
        if not may_try_code(request):
            return too_often(request)
        if form.is_valid():
            return process.finish()
        if not process.record_invalid_attempt():
            return redirect("account_signup")
    context = {"form": form, "process": process, "is_resent": is_resent}
    return render(request, "console/sign_up_code.html", context)


@method_decorator(never_cache, name="dispatch")
@method_decorator(rate_limit(action="reset_password"), name="post")
class ForgottenPassword(FormView):  # type: ignore[type-arg]
    """Asks for a code, whoever has the address."""

    template_name = "console/forgotten_password.html"
    form_class = ForgottenPasswordForm

    def form_valid(self, form: ForgottenPasswordForm) -> HttpResponseRedirect:
        data = form.cleaned_data
        PasswordReset.begin(self.request, email=data["email"], phone=data["phone"])
        return redirect("account_new_password")


@page
@never_cache
@rate_limit(action="reset_password_from_key")  # type: ignore[untyped-decorator]
def new_password(request: HttpRequest) -> HttpResponse:
    """The code and the new password in one step. It signs nobody in: a second factor must not be stepped over."""
    process = PasswordReset.resume(request)
    if process is None:
        return redirect("account_reset_password")
    form = ResetPasswordInput(request.POST or None, code=process.code, user=process.user)
    if form.is_bound:
        if form.is_valid():
            reset_password(process.user, form.cleaned_data["password"])
            process.confirm_code()
            process.finish()
            return redirect(f"{reverse('account_login')}?password=set")
        if "key" in form.errors and not process.record_invalid_attempt():
            return redirect("account_reset_password")
    return render(request, "console/new_password.html", {"form": form})
