"""A person's own account, the same in every estate."""

from typing import cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.second_factor import pending_totp_secret, second_factors_of
from accounts.sessions import sessions_of
from console.account_pages import account_page, draw
from console.devices import device_of


@account_page
def settings(request: HttpRequest) -> HttpResponse:
    """What is kept of him; its script changes it through allauth's API."""
    user = cast(User, request.user)
    sessions = [
        {
            "id": row.pk,
            "device": device_of(row.user_agent),
            "address": row.ip,
            "signed_in_at": row.created_at,
            "used_at": row.last_seen_at,
            "is_current": row.session_key == request.session.session_key,
        }
        for row in sessions_of(user)
    ]
    factors = list(second_factors_of(user).order_by("created_at"))
    context = {
        "app": next((row for row in factors if row.type == Authenticator.Type.TOTP), None),
        "keys": [row for row in factors if row.type == Authenticator.Type.WEBAUTHN],
        "current": [row for row in sessions if row["is_current"]],
        "others": [row for row in sessions if not row["is_current"]],
    }
    return draw(request, "console/settings.html", **context)


@require_safe
@never_cache
@login_required
def authenticator_code(request: HttpRequest) -> HttpResponse:
    """The QR code for the authenticator app that is being set up, for its owner's eyes alone."""
    secret = pending_totp_secret(request)
    if not secret:
        raise Http404
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")
