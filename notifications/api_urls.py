"""Below `/api/v1/`."""

from django.urls import path

from notifications.api import PreferencesEndpoint

urlpatterns = [
    path(
        "estates/<uuid:estate_id>/notifications/preferences/",
        PreferencesEndpoint.as_view(),
        name="notification-preferences",
    ),
]
