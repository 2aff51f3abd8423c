"""Below `/webhooks/`."""

from django.urls import path

from notifications.push.api import ReceiptEndpoint
from notifications.webhooks import (
    TwilioCallAnswered,
    TwilioCallKeys,
    TwilioCallMachine,
    TwilioCallStatus,
    TwilioSmsStatus,
)

CALL = "twilio/voice/<uuid:delivery_id>/"

urlpatterns = [
    path("twilio/sms/<uuid:delivery_id>/", TwilioSmsStatus.as_view(), name="twilio-sms-status"),
    path(f"{CALL}answered/", TwilioCallAnswered.as_view(), name="twilio-call-answered"),
    path(f"{CALL}keys/", TwilioCallKeys.as_view(), name="twilio-call-keys"),
    path(f"{CALL}machine/", TwilioCallMachine.as_view(), name="twilio-call-machine"),
    path(f"{CALL}status/", TwilioCallStatus.as_view(), name="twilio-call-status"),
    path("push/", ReceiptEndpoint.as_view(), name="push-receipt"),
]
