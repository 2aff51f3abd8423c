"""The directory of neighbours, and what the caller shows in it."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from community.errors import NotResident
from community.selectors import lives_here, neighbour_view, neighbours_of, privacy_of
from community.services import change_privacy
from community.shapes import ChangePrivacy, NeighbourPage, PrivacyView
from core.http.filters import search_parameter
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.permissions import Permission


class ByName(Pages):
    """By what is shown alone: whoever hides his unit has none to be ordered by.

    No file of it: a neighbour looks somebody up.
    """

    is_taken_out = False

    orders: ClassVar = {"name": ("shown_name", "id"), "unit": ("shown_unit", "shown_name", "id")}
    ordering = "name"


class DirectoryEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_DIRECTORY}

    @extend_schema(
        operation_id="directory",
        parameters=[search_parameter("what each neighbour shows"), *page_parameters(ByName)],
        responses=NeighbourPage,
        tags=["community"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """Residents who show themselves to their neighbours, each as far as he does."""
        if not lives_here(self.actor, self.estate):
            raise NotResident
        rows = neighbours_of(self.estate, request.query_params.dict())
        return paged(ByName, rows, neighbour_view, request, self)


class PrivacyEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.KEEP_PRIVACY,
        "PUT": Permission.KEEP_PRIVACY,
    }

    @extend_schema(operation_id="privacy", responses=PrivacyView, tags=["community"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """Who sees which field of one's own."""
        return Response(plain(privacy_of(self.actor, self.estate)))

    @extend_schema(
        operation_id="change_privacy", request=ChangePrivacy, responses=PrivacyView, tags=["community"]
    )
    def put(self, request: Request, **kwargs: object) -> Response:
        """Show or hide some of them, or all."""
        change_privacy(actor=self.actor, estate=self.estate, choice=read(request.data, ChangePrivacy))
        return Response(plain(privacy_of(self.actor, self.estate)))
