"""Pages of a person's own account: a subject each, with a menu over them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import User
from console.shell import shell_version

P = ParamSpec("P")

#: Title and address's name of each subject, in the menu's order.
SUBJECTS: Final = [
    ("Sign-in", "settings"),
    ("Profile", "settings-profile"),
    ("Devices", "settings-devices"),
    ("Notifications", "settings-notifications"),
    ("Privacy", "settings-privacy"),
    ("My data", "settings-data"),
]


def account_page(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """For who is signed in; kept nowhere; dates in his language."""

    @require_safe
    @never_cache
    @ensure_csrf_cookie
    @login_required
    @wraps(view)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with translation.override(cast(User, request.user).language):
            return view(request, *args, **kwargs)

    return opened


def draw(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """The page, with the menu of subjects."""
    subjects = [(title, reverse(f"console:{name}")) for title, name in SUBJECTS]
    frame = {"me": request.user, "subjects": subjects, "csrf_cookie": settings.CSRF_COOKIE_NAME}
    response = render(request, template, frame | context)
    # By this the service worker notices that its scripts are not this page's.
    response["X-ClustR-Shell"] = shell_version()
    return response
