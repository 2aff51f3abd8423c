"""Blocks, streets and closes."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.people import BlockPage, BlockView, block_view, blocks_of
from estates.permissions import Permission
from estates.services import blocks
from estates.shapes import NameBlock


class ByName(Pages):
    orders: ClassVar = {"name": ("name", "id"), "units": ("unit_count", "id")}
    ordering = "name"


class BlocksEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_PEOPLE,
        "POST": Permission.MANAGE_PEOPLE,
    }

    @extend_schema(
        operation_id="blocks",
        parameters=[
            OpenApiParameter("q", description="In the name"),
            *page_parameters(ByName),
        ],
        responses=BlockPage,
        tags=["people"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The blocks, each with how many homes it has."""
        rows = blocks_of(self.estate, request.query_params.dict())
        return paged(ByName, rows, block_view, request, self)

    @extend_schema(operation_id="block_add", request=NameBlock, responses={201: BlockView}, tags=["people"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """Add one."""
        data = read(request.data, NameBlock)
        block = blocks.add_block(actor=self.actor, estate=self.estate, name=data.name)
        return Response(plain(BlockView(id=block.pk, name=block.name, units=0)), status=201)


class BlockEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "PATCH": Permission.MANAGE_PEOPLE,
        "DELETE": Permission.MANAGE_PEOPLE,
    }

    @extend_schema(operation_id="block_rename", request=NameBlock, responses=BlockView, tags=["people"])
    def patch(self, request: Request, block_id: UUID, **kwargs: object) -> Response:
        """Another name; its homes stay in it."""
        data = read(request.data, NameBlock)
        block = blocks.rename_block(actor=self.actor, estate=self.estate, block_id=block_id, name=data.name)
        return Response(plain(block_view(blocks_of(self.estate, {}).get(pk=block.pk))))

    @extend_schema(operation_id="block_remove", responses={204: None}, tags=["people"])
    def delete(self, request: Request, block_id: UUID, **kwargs: object) -> Response:
        """Delete one without a home."""
        blocks.remove_block(actor=self.actor, estate=self.estate, block_id=block_id)
        return Response(status=204)
