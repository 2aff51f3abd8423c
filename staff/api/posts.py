"""Guard posts: list, add, change, archive, and which tablet stands there."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.filters import search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.permissions import Permission
from staff import services
from staff.events import PostView
from staff.selectors import post_view, posts_of
from staff.shapes import AddPost, ChangePost, PairDevice, PostPage


class OldestFirst(Pages):
    orders: ClassVar = {"created_at": ("created_at", "id"), "name": ("name", "id")}
    ordering = "created_at"


class PostsEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_DUTY,
        "POST": Permission.MANAGE_POSTS,
    }

    @extend_schema(
        operation_id="posts",
        parameters=[search_parameter("the name"), *page_parameters(OldestFirst)],
        responses=PostPage,
        tags=["staff"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The guard posts in use, oldest first."""
        posts = searched(posts_of(self.estate), request.query_params.dict(), "name")
        return paged(OldestFirst, posts, post_view, request, self)

    @extend_schema(operation_id="post_add", request=AddPost, responses={201: PostView}, tags=["staff"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """Add one."""
        data = read(request.data, AddPost)
        view = services.add_post(
            actor=self.actor,
            estate=self.estate,
            name=data.name,
            dark_after_s=data.dark_after_s,
            dark_sms_after_s=data.dark_sms_after_s,
        )
        return Response(plain(view), status=201)


class PostEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "PATCH": Permission.MANAGE_POSTS,
        "DELETE": Permission.MANAGE_POSTS,
    }

    @extend_schema(operation_id="post_change", request=ChangePost, responses=PostView, tags=["staff"])
    def patch(self, request: Request, post_id: UUID, **kwargs: object) -> Response:
        """Give it another name or other delays."""
        data = read(request.data, ChangePost)
        view = services.change_post(
            actor=self.actor,
            estate=self.estate,
            post_id=post_id,
            name=data.name,
            dark_after_s=data.dark_after_s,
            dark_sms_after_s=data.dark_sms_after_s,
        )
        return Response(plain(view))

    @extend_schema(operation_id="post_archive", responses={204: None}, tags=["staff"])
    def delete(self, request: Request, post_id: UUID, **kwargs: object) -> Response:
        """Archive it: it is not listed or watched any more."""
        services.archive_post(actor=self.actor, estate=self.estate, post_id=post_id)
        return Response(status=204)


class PostDeviceEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "POST": Permission.PAIR_POSTS,
        "DELETE": Permission.PAIR_POSTS,
    }

    @extend_schema(operation_id="post_pair", request=PairDevice, responses=PostView, tags=["staff"])
    def post(self, request: Request, post_id: UUID, **kwargs: object) -> Response:
        """This tablet stands at the post, in place of the one before. A guard must be on duty."""
        data = read(request.data, PairDevice)
        view = services.pair_device(actor=self.actor, estate=self.estate, post_id=post_id, device=data.device)
        return Response(plain(view))

    @extend_schema(operation_id="post_unpair", responses={200: PostView}, tags=["staff"])
    def delete(self, request: Request, post_id: UUID, **kwargs: object) -> Response:
        """No tablet stands at the post any more. A guard must be on duty."""
        view = services.unpair_device(actor=self.actor, estate=self.estate, post_id=post_id)
        return Response(plain(view))
