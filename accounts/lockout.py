"""Guessing passwords is slow: failed sign-ins are counted by address, by account from one address, and by account.

The limits stand in the settings (`ACCOUNT_RATE_LIMITS`), the counts in the cache, for all processes together; a cache
that is away counts nothing. Nobody else's guessing locks a person out where he is signed in already: there only his own
tries count. An SOS asks for none of this.
"""

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.core.internal.ratelimit import (
    RateLimitUsage,
    SingleRateLimitUsage,
    consume,
    get_cache_key,
    get_ip,
    get_rates,
    truncate_ip,
)
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest

from accounts.models import User
from accounts.phones import PhoneNotValid, e164
from accounts.record import record
from core.actors import SYSTEM
from core.unit_of_work import unit_of_work

APP = "allauth.account"
BY_ADDRESS = "sign_in_by_address"
BY_ACCOUNT_HERE = "sign_in_by_account_here"
BY_ACCOUNT = "sign_in_by_account"

log = logging.getLogger(__name__)


class LockedOut(Exception):
    """`limit`: which one; `wait_s`: seconds until the next try may succeed."""

    def __init__(self, limit: str, wait_s: int) -> None:
        super().__init__(limit)
        self.limit, self.wait_s = limit, wait_s


@dataclass(slots=True)
class Attempt:
    """A try to sign in. `limits`: those that it counts at, each with what it is counted by there."""

    request: HttpRequest
    user: User | None
    address: str
    limits: dict[str, str]
    _taken: list[SingleRateLimitUsage] = field(default_factory=list)

    def count(self) -> None:
        """Take a try of each limit, or of none. Raises `LockedOut`."""
        for limit, key in self.limits.items():
            usage = consume(self.request, app=APP, action=limit, key=key)
            if usage is None:
                self.rollback()
                raise LockedOut(limit, self._wait_s(limit, key))
            self._taken += usage.usage

    def rollback(self) -> None:
        """Give them back: the password was right. allauth calls it so."""
        RateLimitUsage(self._taken).rollback()
        self._taken = []

    def now_locked(self) -> LockedOut | None:
        """Whether this try was the last one for the time being."""
        for limit, key in self.limits.items():
            if consume(self.request, app=APP, action=limit, key=key, dry_run=True) is None:
                return LockedOut(limit, self._wait_s(limit, key))
        return None

    def _wait_s(self, limit: str, key: str) -> int:
        waits = [1.0]
        for rate in get_rates(app=APP, action=limit):
            tries = cache.get(get_cache_key(self.request, app=APP, action=limit, rate=rate, key=key)) or []
            if len(tries) >= rate.amount:
                waits.append(tries[-1] + rate.duration - time.time())
        return math.ceil(max(waits))


def attempt_of(request: HttpRequest, credentials: Mapping[str, Any]) -> Attempt:
    """The try that these credentials are."""
    login = str(credentials.get("email") or credentials.get("phone") or "").lower()
    user, address = _user_of(login), get_ip(request)
    account = str(user.pk) if user else login
    limits = {BY_ADDRESS: "", BY_ACCOUNT_HERE: f"{account} {address}"}
    if user is None or not _is_at_home(user, address):
        limits[BY_ACCOUNT] = account
    return Attempt(request, user, address, limits)


def _user_of(login: str) -> User | None:
    if "@" in login:
        return User.objects.filter(email__iexact=login).first()
    try:
        return User.objects.filter(phone=e164(login)).first()
    except PhoneNotValid:
        return None


def _is_at_home(user: User, address: str) -> bool:
    known = UserSession.objects.filter(user=user).values_list("ip", flat=True)
    return any(truncate_ip(ip) == address for ip in known)


def note_failure(attempt: Attempt) -> None:
    """Put a failed try on the record, and that it was the last one where it was."""
    locked = attempt.now_locked()
    if locked is not None:
        log.warning(
            "Sign-ins from %s are refused for %d s (%s)", attempt.address, locked.wait_s, locked.limit
        )
    if attempt.user is None:
        return
    tried = {"address": attempt.address, "device": attempt.request.headers.get("User-Agent", "")[:200]}
    with unit_of_work():
        record(attempt.user, "accounts.sign_in.failed", tried, by=SYSTEM)
        if locked is not None:
            changes = tried | {"limit": locked.limit, "wait_s": locked.wait_s}
            record(attempt.user, "accounts.sign_in.locked", changes, by=SYSTEM)
