"""The cache that may be away. It holds rate limits and nothing else that matters."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, ClassVar, Protocol, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError
from redis.exceptions import NoScriptError

from core.rates import LUA, Quota, Taken, answered, take

R = TypeVar("R")

#: Seconds for which a Redis that failed is not asked again: somebody waits for each try.
LEFT_ALONE_S = 5.0
#: Keys that are remembered for being removed when Redis answers again.
LEFT_BEHIND_AT_MOST = 10_000

#: Buckets that a process keeps before it throws the full ones away.
BUCKETS_AT_MOST = 50_000

_LUA_SHA = hashlib.sha1(LUA.encode(), usedforsecurity=False).hexdigest()

log = logging.getLogger(__name__)


class CountingCache(Protocol):
    """A cache that knows rate limits."""

    def take(self, quotas: Sequence[Quota]) -> Taken | None:
        """One of each bucket, or none where one is empty, as one step. None where nothing is counted now."""


class CountingLocMemCache(LocMemCache):
    """The cache of a process that is alone, with buckets."""

    _buckets: ClassVar[dict[str, float]] = {}
    _held: ClassVar = Lock()

    def take(self, quotas: Sequence[Quota]) -> Taken | None:
        at = time.time() * 1e6
        with self._held:
            if len(self._buckets) > BUCKETS_AT_MOST:
                for key in [key for key, full_at in self._buckets.items() if full_at <= at]:
                    del self._buckets[key]
            taken, full_at = take([self._buckets.get(quota.key, 0.0) for quota in quotas], quotas, at)
            self._buckets.update(zip((quota.key for quota in quotas), full_at, strict=True))
        return taken

    def clear(self) -> None:
        super().clear()
        with self._held:
            self._buckets.clear()


class ForgivingRedisCache(RedisCache):
    """Redis where it answers. Where it does not, nothing is remembered and nothing fails.

    Rate limits are then off, which is the better choice of the two: with them, nobody could sign in to raise an SOS
    while Redis is down.
    """

    _asked_again_at = 0.0
    _client: Any = None
    _left_behind: ClassVar[set[tuple[Any, int | None]]] = set()

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        # Here `add` is how locks are taken: refusing one for ever would be worse than granting two.
        return self._ask(
            lambda: super(ForgivingRedisCache, self).add(key, value, timeout, version),
            True,
            leaving=(key, version),
        )

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda: super(ForgivingRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda: super(ForgivingRedisCache, self).set(key, value, timeout, version), None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(lambda: super(ForgivingRedisCache, self).touch(key, timeout, version), False)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._ask(
            lambda: super(ForgivingRedisCache, self).delete(key, version), False, leaving=(key, version)
        )

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        return self._ask(lambda: super(ForgivingRedisCache, self).get_many(keys, version), {})

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._ask(lambda: super(ForgivingRedisCache, self).has_key(key, version), False)

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        return self._ask(
            lambda: super(ForgivingRedisCache, self).set_many(dict(data), timeout, version), list(data)
        )

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        self._ask(lambda: super(ForgivingRedisCache, self).delete_many(keys, version), None)

    def clear(self) -> None:
        self._ask(super().clear, None)

    def take(self, quotas: Sequence[Quota]) -> Taken | None:
        keys = [self.make_and_validate_key(quota.key) for quota in quotas]
        numbers = [number for quota in quotas for number in (quota.amount, quota.window_s * 1_000_000)]
        answer = self._ask(lambda: self._run(keys, numbers), None)
        return answered(answer) if answer is not None else None

    def _run(self, keys: list[str], numbers: list[int]) -> Any:
        if self._client is None:
            # Django makes a new one for each question, which costs as much as the question.
            self._client = self._cache.get_client(None, write=True)
        try:
            return self._client.evalsha(_LUA_SHA, len(keys), *keys, *numbers)
        except NoScriptError:
            # A Redis that was started anew has forgotten it.
            return self._client.eval(LUA, len(keys), *keys, *numbers)

    def _ask(
        self, question: Callable[[], R], otherwise: R, *, leaving: tuple[Any, int | None] | None = None
    ) -> R:
        """`leaving`: a key that may be left behind where no answer comes."""
        cls = type(self)
        try:
            if time.monotonic() >= cls._asked_again_at:
                self._remove_left_behind()
                return question()
        except (RedisError, OSError) as error:
            cls._asked_again_at = time.monotonic() + LEFT_ALONE_S
            log.warning("The cache does not answer (%s); rate limits are off", type(error).__name__)
        if leaving is not None and len(cls._left_behind) < LEFT_BEHIND_AT_MOST:
            cls._left_behind.add(leaving)
        return otherwise

    def _remove_left_behind(self) -> None:
        """A Redis that hung takes up later what was sent to it: a lock that nobody holds, and that nobody gave back.

        The next sign-in under its key would wait for it in vain, and be refused.
        """
        while self._left_behind:
            key, version = next(iter(self._left_behind))
            super().delete(key, version)
            self._left_behind.discard((key, version))
