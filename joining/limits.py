"""What can be tried so and so often, shared by all processes. A cache that is away holds nobody up."""

from typing import cast

from django.core.cache import cache

from core.cache import CountingCache
from core.errors import RateLimited
from core.rates import Quota


def count_try(refusal: type[RateLimited], *limits: tuple[str, int, int]) -> None:
    """Take one of each limit, or raise `refusal`. `limits`: whose, how many, in how many seconds."""
    quotas = [Quota("joining", f"joining:{key}", amount, window_s) for key, amount, window_s in limits]
    taken = cast(CountingCache, cache).take(quotas)
    if taken is not None and taken.is_refused:
        waits = [standing.wait_s for standing in taken.standings if not standing.remaining]
        raise refusal(retry_after_s=max(1, round(max(waits))))
