"""A person's profile and his devices."""

from typing import cast

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.sessions import live_sessions
from console.account_pages import account_page, draw
from console.devices import device_of
from core.shapes import plain
from estates.api.profile import profile_of
from realtime.devices.selectors import device_view, devices_of

#: More than anybody has; REST has pages.
MOST_DEVICES = 100


@account_page
def profile(request: HttpRequest) -> HttpResponse:
    """His name and language."""
    return draw(request, "console/settings_profile.html", profile=profile_of(cast(User, request.user)))


@account_page
def devices(request: HttpRequest) -> HttpResponse:
    """What he connected with, the last seen one first."""
    user = cast(User, request.user)
    rows = list(devices_of(user).order_by("-last_seen_at", "-pk")[: MOST_DEVICES + 1])
    keys = {row.session_key for row in rows if row.session_key}
    live = live_sessions(keys) if keys else set()
    agents = dict(
        UserSession.objects.filter(user=user, session_key__in=keys).values_list("session_key", "user_agent")
    )
    shown = [
        plain(device_view(row, live=live))
        | {
            "last_seen_at": row.last_seen_at,
            "first_seen_at": row.first_seen_at,
            "sign_in": device_of(agents[row.session_key]) if row.session_key in agents else "",
            "is_current": bool(row.session_key) and row.session_key == request.session.session_key,
        }
        for row in rows[:MOST_DEVICES]
    ]
    return draw(request, "console/settings_devices.html", devices=shown, is_cut=len(rows) > MOST_DEVICES)
