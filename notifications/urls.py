"""Below `/webhooks/`."""

from django.urls import path

from notifications.webhooks import TwilioSmsStatus

urlpatterns = [
    path("twilio/sms/<uuid:delivery_id>/", TwilioSmsStatus.as_view(), name="twilio-sms-status"),
]
