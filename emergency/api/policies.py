"""The estate's escalation policies."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import plain
from emergency.selectors.ladder import policies_of
from emergency.shapes import PolicyPage
from estates.http import EstateView
from estates.permissions import Permission


class PoliciesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_POLICIES}

    @extend_schema(operation_id="policies", responses=PolicyPage, tags=["policies"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """Who is told when: the general ladder, then those of single categories. Always one page."""
        page = PolicyPage(next=None, previous=None, results=policies_of(self.estate))
        return Response(plain(page))
