"""The cache that may be away. It holds rate limits and nothing else that matters."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

R = TypeVar("R")

#: Seconds for which a Redis that failed is not asked again: somebody waits for each try.
LEFT_ALONE_S = 5.0
#: Keys that are remembered for being removed when Redis answers again.
LEFT_BEHIND_AT_MOST = 10_000

log = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Redis where it answers. Where it does not, nothing is remembered and nothing fails.

    Rate limits are then off, which is the better choice of the two: with them, nobody could sign in to raise an SOS
    while Redis is down.
    """

    _asked_again_at = 0.0
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
