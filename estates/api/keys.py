"""API keys: other programs in an estate."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.filters import search_parameter
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.keys import STATES, KeyPage, MadeKey, key_view, keys_of, made_key
from estates.permissions import Permission
from estates.services.keys import make_key, revoke_key
from estates.shapes import MakeKey


class NewestFirst(Pages):
    orders: ClassVar = {
        "created_at": ("created_at", "id"),
        "name": ("name", "id"),
        "expires_at": ("expires_at", "id"),
    }
    ordering = "-created_at"


class KeysEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.MANAGE_KEYS,
        "POST": Permission.MANAGE_KEYS,
    }

    @extend_schema(
        operation_id="keys",
        parameters=[
            search_parameter("the name or the prefix"),
            OpenApiParameter("state", enum=sorted(STATES)),
            *page_parameters(NewestFirst),
        ],
        responses=KeyPage,
        tags=["keys"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The estate's API keys, the newest first, without the keys themselves."""
        return paged(NewestFirst, keys_of(self.estate, request.query_params.dict()), key_view, request, self)

    @extend_schema(operation_id="key_make", request=MakeKey, responses={201: MadeKey}, tags=["keys"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """Make one. The answer is the only place where the key itself ever stands."""
        data = read(request.data, MakeKey)
        key, text = make_key(
            actor=self.actor,
            estate=self.estate,
            name=data.name,
            permissions=data.permissions,
            expires_at=data.expires_at,
        )
        return Response(plain(made_key(key, text)), status=201)


class KeyEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"DELETE": Permission.MANAGE_KEYS}

    @extend_schema(operation_id="key_revoke", responses={204: None}, tags=["keys"])
    def delete(self, request: Request, key_id: UUID, **kwargs: object) -> Response:
        """Revoke it: its next request is refused. It stays on the list."""
        revoke_key(actor=self.actor, estate=self.estate, key_id=key_id)
        return Response(status=204)
