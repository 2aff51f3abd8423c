"""What a person's neighbours see of him, in each of his estates."""

from typing import cast

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from community.selectors import privacy_of
from community.shapes import Audience
from console.account_pages import account_page, draw
from estates.permissions import Permission
from estates.selectors import as_member, memberships_of, unit_of


@account_page
def privacy(request: HttpRequest) -> HttpResponse:
    """A choice for each field, with what it says."""
    user = cast(User, request.user)
    estates = []
    for row in memberships_of(user):
        member = as_member(row)
        if member.may(Permission.KEEP_PRIVACY):
            choice = privacy_of(member, row.estate)
            unit = unit_of(member, row.estate)
            fields = [
                ("name", "Name", user.name, choice.name),
                ("unit", "Home", unit.name if unit else "", choice.unit),
                ("phone", "Phone", user.phone or "", choice.phone),
                ("email", "Email", user.email or "", choice.email),
            ]
            estates.append({"id": row.estate_id, "name": row.estate.name, "fields": fields})
    audiences = [(Audience.NOBODY, "Nobody"), (Audience.NEIGHBOURS, "Neighbours")]
    return draw(request, "console/settings_privacy.html", estates=estates, audiences=audiences)
