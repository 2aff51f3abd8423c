"""A signed-in person opening a page of an estate."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import User
from console.links import links_of, other_estates, page_url
from console.shell import shell_version
from core.errors import Denied, NotFound
from core.shapes import plain
from estates.errors import SecondFactorMissing
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require
from estates.selectors import member_of
from estates.services.support import note_look
from estates.shapes import estate_view
from estates.support import SupportView, support_of, support_view

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opens a page, and of which estate."""

    request: HttpRequest
    estate: Estate
    actor: Member

    def draw(self, template: str, *, data: dict[str, Any] | None = None, **context: Any) -> HttpResponse:
        """The page. `data` is for its script, beside the estate and the member; `context` for the template."""
        page = {
            "estate": plain(estate_view(self.estate)),
            "me": {
                "member_id": self.actor.id,
                "kind": self.actor.kind,
                "name": self.actor.name,
                "permissions": sorted(permission.value for permission in self.actor.permissions),
            },
        }
        response = render(
            self.request,
            template,
            {
                "estate": self.estate,
                "me": self.actor,
                "links": links_of(self.actor),
                "supporters": self._supporters(),
                "other_estates": other_estates(cast(User, self.request.user), self.estate),
                "csrf_cookie": settings.CSRF_COOKIE_NAME,
                "page": page | (data or {}),
                **context,
            },
        )
        # By this the service worker notices that its scripts are not this page's.
        response["X-ClustR-Shell"] = shell_version()
        return response

    def _supporters(self) -> list[SupportView]:
        """Who of the platform is in: whoever may end that sees it on every page."""
        if not self.actor.may(Permission.END_SUPPORT):
            return []
        found = support_of(self.estate, {"state": "open"}).order_by("started_at", "pk")
        return [support_view(access) for access in found]


View = Callable[Concatenate[Visit, P], HttpResponse]


def estate_page(permission: Permission) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Opens the page to members who may: signed out goes to the sign-in, a stranger gets 404, a wrong role 403.

    Times are those of the estate.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @require_safe
        @never_cache
        @ensure_csrf_cookie
        @login_required
        @wraps(view)
        def opened(request: HttpRequest, estate_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                estate, actor = member_of(cast(User, request.user), estate_id)
                require(actor, permission, estate)
                if actor.kind == "support":
                    note_look(actor=actor, estate=estate, address=request.get_full_path())
                language = cast(User, request.user).language
                with timezone.override(ZoneInfo(estate.time_zone)), translation.override(language):
                    return view(Visit(request, estate, actor), *args, **kwargs)
            except NotFound as error:
                raise Http404 from error
            except SecondFactorMissing:
                return render(
                    request,
                    "console/second_factor_missing.html",
                    {"home": page_url("home", estate_id)},
                    status=403,
                )
            except Denied as error:
                raise PermissionDenied from error

        return opened

    return decorate
