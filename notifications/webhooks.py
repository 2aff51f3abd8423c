"""What providers tell and ask us."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.conversations import Speech
from notifications.errors import DeliveryNotFound, SignatureWrong
from notifications.models import Delivery
from notifications.selectors import get_call, is_text
from notifications.services.conversing import answered, machine_answered, pressed
from notifications.services.reporting import apply_report
from notifications.voice import twiml


class FromTwilio(APIView):
    """A request of Twilio's: form-encoded, signed, and sent again until it is answered 2xx."""

    authentication_classes = ()
    #: The signature is the permission.
    permission_classes = (AllowAny,)
    throttle_classes = ()
    parser_classes = (FormParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Imported here: the library takes a second to load, and an estate without Twilio never needs it.
        from notifications.sms.twilio import is_signed_by_twilio

        if request.method == "POST" and not is_signed_by_twilio(
            auth_token=settings.CLUSTR_TWILIO["auth_token"],
            url=public_url(request._request),
            params=fields_of(request),
            signature=request.headers.get("X-Twilio-Signature", ""),
        ):
            raise SignatureWrong


@extend_schema(exclude=True)
class TwilioSmsStatus(FromTwilio):
    """How far one text came."""

    def post(self, request: Request, delivery_id: UUID) -> Response:
        from notifications.sms import twilio

        if not is_text(delivery_id):
            raise DeliveryNotFound
        report = twilio.read_callback(fields_of(request))
        if report is not None:
            apply_report(delivery_id, report)
        return Response(status=204)


@extend_schema(exclude=True)
class TwilioCallStatus(FromTwilio):
    """How far one call came."""

    def post(self, request: Request, delivery_id: UUID) -> Response:
        from notifications.voice import twilio

        call = call_of(request, delivery_id)
        report = twilio.read_status(fields_of(request))
        if report is not None:
            apply_report(call.pk, report)
        return Response(status=204)


@extend_schema(exclude=True)
class TwilioCallMachine(FromTwilio):
    """What has answered, which Twilio makes out from its voice while we speak already."""

    def post(self, request: Request, delivery_id: UUID) -> Response:
        from notifications.voice import twilio

        call, fields = call_of(request, delivery_id), fields_of(request)
        sid = twilio.call_sid(fields)
        if twilio.is_machine(fields.get("AnsweredBy") or ""):
            machine_answered(call, sid)
        return Response(status=204)


@extend_schema(exclude=True)
class TwilioCallAnswered(FromTwilio):
    """The telephone was picked up: what is to be said?"""

    def post(self, request: Request, delivery_id: UUID) -> HttpResponse:
        call = call_of(request, delivery_id)
        return as_twiml(call, answered(call), round_number=1)


@extend_schema(exclude=True)
class TwilioCallKeys(FromTwilio):
    """A key was pressed, or none in time: what is to be said?"""

    def post(self, request: Request, delivery_id: UUID) -> HttpResponse:
        from notifications.voice import twilio

        call, fields = call_of(request, delivery_id), fields_of(request)
        round_number = 1 if request.GET.get("round") == "1" else 2
        key = (fields.get("Digits") or "").strip()
        speech = pressed(call, twilio.call_sid(fields), key, round_number=round_number)
        return as_twiml(call, speech, round_number=round_number + 1)


def call_of(request: Request, delivery_id: UUID) -> Delivery:
    """The call that the request is about: to the number that we called, and none else. Raises `DeliveryNotFound`."""
    call = get_call(delivery_id)
    if call is None or fields_of(request).get("To") != call.address:
        raise DeliveryNotFound
    return call


def as_twiml(call: Delivery, speech: Speech, *, round_number: int) -> HttpResponse:
    if speech.asks:
        action = reverse("twilio-call-keys", args=[call.pk]) + f"?round={round_number}"
        text = twiml.ask(speech.words, action=str(settings.CLUSTR_PUBLIC_URL).rstrip("/") + action)
    else:
        text = twiml.say(speech.words)
    return HttpResponse(text, content_type="text/xml; charset=utf-8")


def fields_of(request: Request) -> QueryDict:
    """The form's fields, each as it was signed."""
    return request._request.POST


def public_url(request: HttpRequest) -> str:
    """The address as the provider was given it. The request's own Host may be a proxy's, or a forger's."""
    return str(settings.CLUSTR_PUBLIC_URL).rstrip("/") + request.get_full_path()
