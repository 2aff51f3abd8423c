"""What the caller wants to be told, and when not."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import plain, read
from estates.http import EstateView
from estates.permissions import Permission
from notifications.selectors.choices import preferences_of
from notifications.services.choosing import change_preferences
from notifications.shapes import ChangePreferences, PreferencesView


class PreferencesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.KEEP_NOTIFICATIONS,
        "PUT": Permission.KEEP_NOTIFICATIONS,
    }

    @extend_schema(operation_id="notification_preferences", responses=PreferencesView, tags=["notifications"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """One's own switches, a row for each kind, and the quiet hours."""
        return Response(plain(preferences_of(self.actor, self.estate)))

    @extend_schema(
        operation_id="change_notification_preferences",
        request=ChangePreferences,
        responses=PreferencesView,
        tags=["notifications"],
    )
    def put(self, request: Request, **kwargs: object) -> Response:
        """Turn some of them, or all; set or lift the quiet hours. All of it or nothing."""
        changes = read(request.data, ChangePreferences)
        change_preferences(actor=self.actor, estate=self.estate, changes=changes)
        return Response(plain(preferences_of(self.actor, self.estate)))
