"""Where REST framework asks whether a request is one too many. Apart, because its views import this while they load."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from core.http.rate_limits import Tally


class SharedLimits(BaseThrottle):
    """Counts a request whose sender is known (`rate_limits.py`)."""

    def allow_request(self, request: Request, view: object) -> bool:
        """Raises `RateLimited`."""
        tally: Tally | None = getattr(request._request, "tally", None)
        if tally is not None and not tally.is_urgent and not tally.is_counted:
            tally.count(request.user)
        return True
