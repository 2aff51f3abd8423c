"""What a person wants to be told, in each of his estates."""

from typing import cast

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from console.account_pages import account_page, draw
from core.shapes import plain
from estates.permissions import Permission
from estates.selectors import as_member, memberships_of
from notifications.selectors.choices import preferences_of
from notifications.states import Channel

CHANNEL_TITLES = {
    Channel.WEBSOCKET: "In the app",
    Channel.SMS: "Text message",
    Channel.VOICE: "Call",
    Channel.PUSH: "Woken device",
}


@account_page
def notifications(request: HttpRequest) -> HttpResponse:
    """A table of switches for each estate, and the hours in which nothing but an emergency disturbs him."""
    estates = []
    for row in memberships_of(cast(User, request.user)):
        member = as_member(row)
        if member.may(Permission.KEEP_NOTIFICATIONS):
            table = plain(preferences_of(member, row.estate))
            estates.append({"id": row.estate_id, "name": row.estate.name} | table)
    return draw(
        request,
        "console/settings_notifications.html",
        estates=estates,
        channels=[(channel.value, title) for channel, title in CHANNEL_TITLES.items()],
    )
