"""Below `/api/v1/`."""

from django.urls import path

from notifications.push.api import SubscriptionEndpoint

urlpatterns = [
    path(
        "estates/<uuid:estate_id>/push-subscription/",
        SubscriptionEndpoint.as_view(),
        name="push-subscription",
    ),
]
