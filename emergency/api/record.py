"""An alert's record: what happened, and what became of each message."""

from typing import ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from core.http.filters import one_of, search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from emergency.selectors.alerts import get_alert
from emergency.selectors.record import delivery_view, timeline_of, timeline_view
from emergency.shapes import DeliveryPage, TimelinePage
from estates.http import EstateView
from estates.permissions import Permission
from notifications.selectors import deliveries_of
from notifications.states import Channel, State

CHANNELS: Final = {channel.value: channel for channel in Channel}
STATES: Final = {state.value: state for state in State}


class AsHappened(Pages):
    # Its ids stand in the order in which things happened.
    orders: ClassVar = {"at": ("id",)}
    ordering = "at"


class AsIntended(Pages):
    orders: ClassVar = {"intended_at": ("intended_at", "id"), "name": ("recipient_name", "id")}
    ordering = "intended_at"


class TimelineEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_OWN_ALERTS}

    @extend_schema(
        operation_id="alert_timeline",
        parameters=[search_parameter("the text or who did it"), *page_parameters(AsHappened)],
        responses=TimelinePage,
        tags=["alerts"],
    )
    def get(self, request: Request, alert_id: UUID, **kwargs: object) -> HttpResponse:
        """Everything that happened, oldest first; nothing in it is ever changed."""
        alert = get_alert(self.actor, self.estate, alert_id)
        entries = searched(timeline_of(alert), request.query_params.dict(), "text", "actor_name")
        return paged(AsHappened, entries, timeline_view, request, self)


class DeliveriesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_ALERTS}

    @extend_schema(
        operation_id="alert_deliveries",
        parameters=[
            OpenApiParameter("channel", enum=sorted(CHANNELS)),
            OpenApiParameter("state", enum=sorted(STATES)),
            search_parameter("the recipient's name"),
            *page_parameters(AsIntended),
        ],
        responses=DeliveryPage,
        tags=["alerts"],
    )
    def get(self, request: Request, alert_id: UUID, **kwargs: object) -> HttpResponse:
        """Every message to every person, with the time of each thing that became of it. Responders only."""
        alert = get_alert(self.actor, self.estate, alert_id)
        given = request.query_params.dict()
        rows = searched(deliveries_of(self.estate.pk, alert.pk), given, "recipient_name")
        if "channel" in given:
            rows = rows.filter(channel=one_of(CHANNELS, given["channel"], "channel"))
        if "state" in given:
            rows = rows.filter(state=one_of(STATES, given["state"], "state"))
        return paged(AsIntended, rows, delivery_view, request, self)
