"""Sign-ins: which hold, which a user has, and their end."""

from collections.abc import Iterable

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.models import User
from accounts.record import record
from core.clock import now
from core.unit_of_work import unit_of_work


def live_sessions(keys: Iterable[str]) -> set[str]:
    """Those of `keys` whose session has neither ended nor expired: one query for any number of sockets."""
    wanted = set(keys)
    return set(
        Session.objects.filter(session_key__any_of=wanted, expire_date__gt=now()).values_list(
            "session_key", flat=True
        )
    )


def sessions_of(user: User) -> list[UserSession]:
    """The user's sign-ins that still hold, the last used one first."""
    rows: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(rows, key=lambda row: row.last_seen_at, reverse=True)


def end_sessions(user: User, sessions: Iterable[UserSession], *, action: str) -> None:
    """End sign-ins of the user's, on the record as `action`. Their tokens are refused from now on, and within
    seconds their sockets close (`realtime.standing`).
    """
    rows = list(sessions)
    with unit_of_work():
        live = live_sessions(row.session_key for row in rows)
        ended = [{"address": row.ip, "device": row.user_agent} for row in rows if row.session_key in live]
        for row in rows:
            row.end()
        if ended:
            record(user, action, {"sessions": ended})


def end_session(user: User, key: str, *, action: str) -> None:
    """End the one with this key, also where it stands in no list."""
    with unit_of_work():
        end_sessions(user, UserSession.objects.filter(user=user, session_key=key), action=action)
        if Session.objects.filter(session_key=key).delete()[0]:
            record(user, action, {"sessions": []})


def end_other_sessions(user: User, *, kept: str | None, action: str) -> None:
    """End all sign-ins of the user's but the one with the key `kept`."""
    end_sessions(user, UserSession.objects.filter(user=user).exclude(session_key=kept or ""), action=action)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """How allauth's own endpoint ends what a user chose from his list."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        rows = list(sessions)
        if rows:
            end_sessions(rows[0].user, rows, action="accounts.session.ended")
