"""Coming in and going out."""

from typing import cast

from allauth.account.views import ConfirmLoginCodeView, LoginView, LogoutView, RequestLoginCodeView
from allauth.mfa.base.views import AuthenticateView
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from console.links import start_url
from estates.selectors import as_member, invitations_of, memberships_of

TOO_MANY = "too_many_login_attempts"


class _SaysTooMany:
    """The form again, as ever, and a status that says why."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if any(form.has_error(field, TOO_MANY) for field in (NON_FIELD_ERRORS, "code", "phone", "email")):
            answer.status_code = 429
        return answer


class SignIn(_SaysTooMany, LoginView):  # type: ignore[misc]
    """Phone or email, and password. Works without a script."""

    template_name = "console/sign_in.html"


class SecondStep(_SaysTooMany, AuthenticateView):  # type: ignore[misc]
    """After the password: a code of the authenticator app or a recovery code, or a security key with a script."""

    template_name = "console/second_step.html"


class RequestCode(_SaysTooMany, RequestLoginCodeView):  # type: ignore[misc]
    """A code by text or mail, for who has no password at hand."""

    template_name = "console/request_code.html"


class ConfirmCode(ConfirmLoginCodeView):  # type: ignore[misc]
    """It is asked for whether or not a text went out: who is here nobody learns by trying numbers."""

    template_name = "console/confirm_code.html"


class SignOut(LogoutView):  # type: ignore[misc]
    template_name = "console/sign_out.html"


@require_safe
@never_cache
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """To the member's own page; who belongs to several estates chooses one first."""
    memberships = list(memberships_of(cast(User, request.user)))
    invitations = list(invitations_of(cast(User, request.user)))
    is_admin = cast(User, request.user).is_platform_admin
    if is_admin and not memberships and not invitations:
        return redirect("console:platform")
    if len(memberships) == 1 and not invitations and not is_admin:
        return redirect(start_url(as_member(memberships[0]), memberships[0].estate))
    choices = [{"name": row.estate.name, "url": start_url(as_member(row), row.estate)} for row in memberships]
    return render(
        request,
        "console/estates.html",
        {"choices": choices, "invitations": invitations, "is_admin": is_admin},
    )


@require_safe
@never_cache
def inactive(request: HttpRequest) -> HttpResponse:
    """Where the sign-in sends somebody whose account was switched off."""
    context = {
        "heading": "This account is switched off",
        "text": "Your estate's office can switch it on again.",
    }
    return render(request, "console/problem.html", context, status=403)
