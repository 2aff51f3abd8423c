"""What providers tell us unasked."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.errors import DeliveryNotFound, SignatureWrong
from notifications.selectors import is_text
from notifications.services.reporting import apply_report


@extend_schema(exclude=True)
class TwilioSmsStatus(APIView):
    """Twilio's status callback for one text: form-encoded, signed, and sent again until it is answered 2xx."""

    authentication_classes = ()
    #: The signature is the permission.
    permission_classes = (AllowAny,)
    throttle_classes = ()
    parser_classes = (FormParser,)

    def post(self, request: Request, delivery_id: UUID) -> Response:
        # Imported here: the library takes a second to load, and an estate without Twilio never needs it.
        from notifications.sms import twilio

        if not twilio.is_signed_by_twilio(
            auth_token=settings.CLUSTR_TWILIO["auth_token"],
            url=public_url(request._request),
            params=request._request.POST,
            signature=request.headers.get("X-Twilio-Signature", ""),
        ):
            raise SignatureWrong
        if not is_text(delivery_id):
            raise DeliveryNotFound
        report = twilio.read_callback(request._request.POST)
        if report is not None:
            apply_report(delivery_id, report)
        return Response(status=204)


def public_url(request: HttpRequest) -> str:
    """The address as the provider was given it. The request's own Host may be a proxy's, or a forger's."""
    return str(settings.CLUSTR_PUBLIC_URL).rstrip("/") + request.get_full_path()
