"""Alerts: raise one, list them, read one."""

from typing import ClassVar, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.filters import one_of, search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from emergency import services
from emergency.events import AlertView, Category
from emergency.models import Alert
from emergency.selectors.alerts import alerts_for, drawable, get_alert
from emergency.selectors.views import view_of
from emergency.shapes import AlertPage, RaiseAlert
from emergency.states import OPEN, OVER, State
from estates.http import EstateView
from estates.permissions import Permission

#: What `?state=` takes: the name of a state, or "open" and "closed" for all that are.
STATES: Final[dict[str, tuple[State, ...]]] = {state.value: (state,) for state in State} | {
    "open": OPEN,
    "closed": OVER,
}
TRUTHS: Final = {"true": True, "false": False}


class NewestFirst(Pages):
    orders: ClassVar = {"raised_at": ("raised_at", "id")}
    ordering = "-raised_at"


class AlertsEndpoint(EstateView):
    never_held_back = frozenset({"POST"})
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_OWN_ALERTS,
        "POST": Permission.RAISE_ALERT,
    }

    @extend_schema(
        operation_id="alerts",
        parameters=[
            OpenApiParameter(
                "state", enum=sorted(STATES), description="`open` and `closed` are several states"
            ),
            OpenApiParameter("category", enum=[category.value for category in Category]),
            OpenApiParameter("is_drill", OpenApiTypes.BOOL),
            search_parameter("the note, the unit or the name of who is in need"),
            *page_parameters(NewestFirst),
        ],
        responses=AlertPage,
        tags=["alerts"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The alerts that the caller may see, newest first: responders the estate's, everybody else his own."""
        alerts = _filtered(alerts_for(self.actor, self.estate), request)
        return paged(NewestFirst, drawable(alerts), view_of, request, self)

    @extend_schema(
        operation_id="alert_raise",
        request=RaiseAlert,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                location=OpenApiParameter.HEADER,
                description="A retry with the same key gets the first answer again.",
            )
        ],
        responses={201: AlertView},
        tags=["alerts"],
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """SOS. The same `id` or key again answers the same alert; so does another SOS while the first one is open."""
        view = services.raise_alert(
            actor=self.actor,
            estate=self.estate,
            data=read(request.data, RaiseAlert),
            key=request.headers.get("Idempotency-Key"),
        )
        return Response(plain(view), status=201)


class AlertEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_OWN_ALERTS}

    @extend_schema(operation_id="alert", responses=AlertView, tags=["alerts"])
    def get(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """One alert as it stands."""
        return Response(plain(view_of(get_alert(self.actor, self.estate, alert_id))))


def _filtered(alerts: QuerySet[Alert], request: Request) -> QuerySet[Alert]:
    given = request.query_params
    if "state" in given:
        alerts = alerts.filter(state__in=one_of(STATES, given["state"], "state"))
    if "category" in given:
        category = one_of({one.value: one for one in Category}, given["category"], "category")
        alerts = alerts.filter(category=category)
    if "is_drill" in given:
        alerts = alerts.filter(is_drill=one_of(TRUTHS, given["is_drill"], "is_drill"))
    return searched(alerts, given.dict(), "note", "unit__name", "person__user__name")
