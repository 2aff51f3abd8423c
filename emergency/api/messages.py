"""What is said on an alert."""

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
from emergency import services
from emergency.events import MessageView
from emergency.selectors.alerts import get_alert
from emergency.selectors.messages import message_view, messages_of
from emergency.shapes import MessagePage, PostMessage
from estates.http import EstateView
from estates.permissions import Permission


class AsSaid(Pages):
    # Their ids stand in the order in which they were said.
    orders: ClassVar = {"at": ("id",)}
    ordering = "at"


class MessagesEndpoint(EstateView):
    never_held_back = frozenset({"POST"})
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_OWN_ALERTS,
        "POST": Permission.READ_OWN_ALERTS,
    }

    @extend_schema(
        operation_id="alert_messages",
        parameters=[search_parameter("what was said or who said it"), *page_parameters(AsSaid)],
        responses=MessagePage,
        tags=["alerts"],
    )
    def get(self, request: Request, alert_id: UUID, **kwargs: object) -> HttpResponse:
        """What was said on the alert, oldest first, and who has read it."""
        alert = get_alert(self.actor, self.estate, alert_id)
        given = request.query_params.dict()
        messages = searched(messages_of(alert), given, "text", "author__user__name")
        return paged(AsSaid, messages, message_view, request, self)

    @extend_schema(
        operation_id="alert_message_post",
        request=PostMessage,
        responses={201: MessageView},
        tags=["alerts"],
    )
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """Say something to everybody who sees the alert. The same `message_id` again answers the same message."""
        view = services.post_message(
            actor=self.actor,
            estate=self.estate,
            alert_id=alert_id,
            data=read(request.data, PostMessage),
        )
        return Response(plain(view), status=201)
