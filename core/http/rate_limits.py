"""Rate limits of REST: by user or API key and by address, shared by all processes, never in the way of an SOS.

A request is counted once it is known who sent it, for him and for his address together: one question to the cache. One
that never gets so far (a bad token, an unknown path) is counted for the address when it has been answered. An address
that has just been refused is remembered in the process, and not even looked at until there is room again.

The fields are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

import math
import time
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.cache import CountingCache
from core.errors import RateLimited
from core.http.addresses import address_of
from core.http.problems import problem_response
from core.rates import Quota, Standing

WINDOW_S = 60
#: What is counted; pages and their files are not.
COUNTED = "/api/"
#: Addresses that a process remembers having refused.
REMEMBERED = 10_000


class Tally:
    """One request, and how its limits stand."""

    def __init__(self, address: str) -> None:
        self.address = address
        #: Somebody may be in danger: it is neither counted nor refused.
        self.is_urgent = False
        self.is_counted = False
        self.quotas: list[Quota] = []
        self.standings: list[Standing] = []

    def count(self, user: Any = None) -> None:
        """Take one of each limit that holds for `user` at this address. Raises `RateLimited` where one is used up."""
        self.is_counted = True
        self.quotas = _quotas_for(user, self.address)
        taken = cast(CountingCache, cache).take(self.quotas) if self.quotas else None
        if taken is None:
            return
        self.standings = taken.standings
        if taken.is_refused:
            raise self._refusal()

    def _refusal(self) -> RateLimited:
        used_up = [
            (quota, standing)
            for quota, standing in zip(self.quotas, self.standings, strict=True)
            if not standing.remaining
        ]
        wait_s = max(standing.wait_s for _, standing in used_up)
        if any(quota.name == "address" for quota, _ in used_up):
            _held_out.remember(self.address, wait_s)
        return _refused([quota.name for quota, _ in used_up], wait_s)

    def write(self, response: HttpResponseBase) -> None:
        """Say on the answer what the limits are and how they stand."""
        if self.quotas:
            response["RateLimit-Policy"] = ", ".join(
                f'"{quota.name}";q={quota.amount};w={quota.window_s}' for quota in self.quotas
            )
        if self.standings:
            response["RateLimit"] = ", ".join(
                f'"{quota.name}";r={standing.remaining};t={math.ceil(standing.wait_s)}'
                for quota, standing in zip(self.quotas, self.standings, strict=True)
            )


class RateLimitMiddleware:
    """Counts what `SharedLimits` (`throttling.py`) never saw, and writes the fields on every answer that counts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(COUNTED):
            return self.get_response(request)
        tally = Tally(address_of(request))
        vars(request)["tally"] = tally
        response = self.get_response(request)
        # What may be urgent, but nobody knows from whom, counts like anything else.
        if not tally.is_counted and (not tally.is_urgent or response.status_code == 401):
            try:
                tally.count()
            except RateLimited as refusal:
                if not tally.is_urgent:
                    response = problem_response(refusal)
        tally.write(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        tally: Tally | None = getattr(request, "tally", None)
        if tally is None:
            return None
        tally.is_urgent = request.method in getattr(getattr(view, "cls", None), "never_held_back", ())
        wait_s = 0.0 if tally.is_urgent else _held_out.wait_s(tally.address)
        if not wait_s:
            return None
        tally.is_counted = True
        tally.quotas = _quotas_for(None, tally.address)
        tally.standings = [Standing(0, wait_s) for _ in tally.quotas]
        return problem_response(_refused(["address"], wait_s))


class _HeldOut:
    """Addresses that were refused, and until when they need not be asked about."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def remember(self, address: str, wait_s: float) -> None:
        if len(self._until) >= REMEMBERED:
            self._until.clear()
        self._until[address] = time.monotonic() + wait_s

    def wait_s(self, address: str) -> float:
        """Seconds; 0 where it is not held out."""
        if not self._until:
            return 0.0
        left = self._until.get(address, 0.0) - time.monotonic()
        if left <= 0:
            self._until.pop(address, None)
        return max(0.0, left)


_held_out = _HeldOut()


def _refused(names: list[str], wait_s: float) -> RateLimited:
    # "violated-policies" is the draft's own word.
    more: dict[str, Any] = {"retry_after_s": max(1, math.ceil(wait_s)), "violated-policies": names}
    return RateLimited(
        f"Too many requests from this {' and this '.join(names)}. Try again in {more['retry_after_s']} s.",
        **more,
    )


def _quotas_for(user: Any, address: str) -> list[Quota]:
    """`user`: whoever REST framework found; an API key says itself what it counts as."""
    limits: dict[str, int] = settings.CLUSTR_RATE_LIMITS
    who = [("address", address)]
    if user is not None and user.is_authenticated:
        who.insert(0, getattr(user, "counted_as", None) or ("user", str(user.pk)))
    return [Quota(name, f"rate:{name}:{key}", limits[name], WINDOW_S) for name, key in who if limits[name]]
