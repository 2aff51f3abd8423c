"""Whether a sign-in still holds."""

from collections.abc import Iterable

from django.contrib.sessions.models import Session

from core.clock import now


def live_sessions(keys: Iterable[str]) -> set[str]:
    """Those of `keys` whose session has neither ended nor expired: one query for any number of sockets."""
    wanted = set(keys)
    return set(
        Session.objects.filter(session_key__any_of=wanted, expire_date__gt=now()).values_list(
            "session_key", flat=True
        )
    )
