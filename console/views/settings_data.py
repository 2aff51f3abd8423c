"""A person's own data: taking it out, having his account erased."""

from typing import cast

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.second_factor import second_factors_of
from backoffice.errors import DataExportNotFound
from backoffice.services.deletion import pending_deletion
from backoffice.services.own_data import newest_export
from console.account_pages import account_page, draw
from core.personal_data import days_of, holdings


@account_page
def data(request: HttpRequest) -> HttpResponse:
    """What is held of him and for how long, his file, and what he has asked for."""
    user = cast(User, request.user)
    try:
        export = newest_export(user)
    except DataExportNotFound:
        export = None
    held = [
        {
            "what": holding.what,
            "why": holding.why,
            "days": days_of(holding),
            "kept": holding.kept.replace("`", ""),
        }
        for holding in holdings.values()
        if holding.models
    ]
    return draw(
        request,
        "console/settings_data.html",
        export=export,
        deletion=pending_deletion(user),
        has_second_step=second_factors_of(user).exists(),
        held=held,
    )
