"""The doors to being woken: one's own device, and a browser's word that it was."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.shapes import Shape, plain, read
from estates.http import EstateView
from estates.permissions import Permission
from notifications.push.receipts import GivenReceipt, take_receipt
from notifications.push.selectors import PushView, SubscriptionView, push_view, subscription_view
from notifications.push.services import BrowserSubscription, drop_subscription, keep_subscription
from realtime.frames import Device


class KeepSubscription(Shape):
    """`device`: what this device calls itself on the live feed."""

    device: Device
    subscription: BrowserSubscription


class SubscriptionEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.KEEP_SUBSCRIPTIONS,
        "PUT": Permission.KEEP_SUBSCRIPTIONS,
        "DELETE": Permission.KEEP_SUBSCRIPTIONS,
    }

    @extend_schema(operation_id="push", responses=PushView, tags=["push"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """The key that a browser subscribes with, and the caller's own devices that are woken."""
        return Response(plain(push_view(self.actor)))

    @extend_schema(
        operation_id="push_keep", request=KeepSubscription, responses=SubscriptionView, tags=["push"]
    )
    def put(self, request: Request, **kwargs: object) -> Response:
        """Wake this device when an alert wants its person, for as long as he is signed in on it."""
        given = read(request.data, KeepSubscription)
        row = keep_subscription(
            actor=self.actor,
            estate=self.estate,
            device=given.device,
            subscription=given.subscription,
            user_agent=request.headers.get("User-Agent", ""),
        )
        return Response(plain(subscription_view(row)))

    @extend_schema(
        operation_id="push_drop",
        parameters=[OpenApiParameter("device", required=True, description="As in `PUT`.")],
        responses={204: None},
        tags=["push"],
    )
    def delete(self, request: Request, **kwargs: object) -> Response:
        """Do not wake this device any more."""
        drop_subscription(actor=self.actor, estate=self.estate, device=request.query_params.get("device", ""))
        return Response(status=204)


@extend_schema(exclude=True)
class ReceiptEndpoint(APIView):
    """A service worker's word. Nobody need be signed in; the token in the message is the permission."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    def post(self, request: Request) -> Response:
        take_receipt(read(request.data, GivenReceipt))
        return Response(status=204)
