"""An alert's record: what happened, and what became of each message."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.pagination import Pages
from core.http.paging import PAGE_PARAMETERS, paged
from emergency.selectors.alerts import get_alert
from emergency.selectors.record import delivery_view, timeline_of, timeline_view
from emergency.shapes import DeliveryPage, TimelinePage
from estates.http import EstateView
from estates.permissions import Permission
from notifications.selectors import deliveries_of


class AsHappened(Pages):
    ordering = "id"


class AsIntended(Pages):
    ordering = ("intended_at", "id")


class TimelineEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_OWN_ALERTS}

    @extend_schema(
        operation_id="alert_timeline", parameters=PAGE_PARAMETERS, responses=TimelinePage, tags=["alerts"]
    )
    def get(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """Everything that happened, oldest first; nothing in it is ever changed."""
        alert = get_alert(self.actor, self.estate, alert_id)
        return paged(AsHappened, timeline_of(alert), timeline_view, request, self)


class DeliveriesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_ALERTS}

    @extend_schema(
        operation_id="alert_deliveries", parameters=PAGE_PARAMETERS, responses=DeliveryPage, tags=["alerts"]
    )
    def get(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """Every message to every person, with the time of each thing that became of it. Responders only."""
        alert = get_alert(self.actor, self.estate, alert_id)
        return paged(AsIntended, deliveries_of(self.estate.pk, alert.pk), delivery_view, request, self)
