"""What is done to an alert, as sub-resources."""

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import plain, read
from emergency import services
from emergency.events import AlertView
from emergency.shapes import Nothing, Resolve, Respond
from estates.http import EstateView
from estates.permissions import Permission

S = TypeVar("S")


class ResponderView(EstateView):
    """For those who acknowledge, respond and resolve."""

    never_held_back = frozenset({"POST"})
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.ACKNOWLEDGE_ALERT}


class RaiserView(EstateView):
    """For who raised the alert."""

    never_held_back = frozenset({"POST"})
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.RAISE_ALERT}


class AcknowledgeEndpoint(ResponderView):
    @extend_schema(operation_id="alert_acknowledge", request=None, responses=AlertView, tags=["alerts"])
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """I have it. The first one stops the ladder; whoever follows is added as a responder."""
        _body(request, Nothing)
        return _answer(services.acknowledge_alert(actor=self.actor, estate=self.estate, alert_id=alert_id))


class RespondEndpoint(ResponderView):
    @extend_schema(operation_id="alert_respond", request=Respond, responses=AlertView, tags=["alerts"])
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """I am on the way. Acknowledges, if nobody has."""
        data = _body(request, Respond)
        return _answer(
            services.respond_to_alert(
                actor=self.actor, estate=self.estate, alert_id=alert_id, eta_s=data.eta_s
            )
        )


class OnSceneEndpoint(ResponderView):
    @extend_schema(operation_id="alert_on_scene", request=None, responses=AlertView, tags=["alerts"])
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """I am there. Acknowledges, if nobody has."""
        _body(request, Nothing)
        return _answer(services.arrive_at_alert(actor=self.actor, estate=self.estate, alert_id=alert_id))


class ResolveEndpoint(ResponderView):
    @extend_schema(operation_id="alert_resolve", request=Resolve, responses=AlertView, tags=["alerts"])
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """It is over, and this is how it ended. The person in need is asked to confirm."""
        data = _body(request, Resolve)
        return _answer(
            services.resolve_alert(
                actor=self.actor,
                estate=self.estate,
                alert_id=alert_id,
                outcome=data.outcome,
                report=data.report,
            )
        )


class CloseEndpoint(EstateView):
    never_held_back = frozenset({"POST"})
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.READ_OWN_ALERTS}

    @extend_schema(operation_id="alert_close", request=None, responses=AlertView, tags=["alerts"])
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """Confirm a resolved alert as the person in need, or close it as security head or manager. Terminal."""
        _body(request, Nothing)
        return _answer(services.close_alert(actor=self.actor, estate=self.estate, alert_id=alert_id))


class CancelEndpoint(RaiserView):
    @extend_schema(operation_id="alert_cancel", request=None, responses=AlertView, tags=["alerts"])
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """Take it back while the countdown runs. After it: 409, and `cancel-request` is the way."""
        _body(request, Nothing)
        return _answer(services.cancel_alert(actor=self.actor, estate=self.estate, alert_id=alert_id))


class RequestCancelEndpoint(RaiserView):
    @extend_schema(operation_id="alert_request_cancel", request=None, responses=AlertView, tags=["alerts"])
    def post(self, request: Request, alert_id: UUID, **kwargs: object) -> Response:
        """It is not needed any more. The alert stays open until a responder has looked."""
        _body(request, Nothing)
        return _answer(services.request_cancel(actor=self.actor, estate=self.estate, alert_id=alert_id))


def _body(request: Request, shape: type[S]) -> S:
    # Without a body and its content type, REST framework gives an empty form.
    data: Any = {} if isinstance(request.data, QueryDict) else request.data
    return read(data, shape)


def _answer(view: AlertView) -> Response:
    return Response(plain(view))
