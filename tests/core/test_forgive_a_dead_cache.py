"""Rate limits live in Redis. Where it is away they are off: nobody may be kept from signing in to raise an SOS."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache.backends.redis import RedisCache
from redis import TimeoutError as RedisTimeout

from core.cache import ForgivingRedisCache
from tests.support.ports import free_port

OPTIONS = {"OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}}


@pytest.fixture(autouse=True)
def _ask_at_once() -> Iterator[None]:
    ForgivingRedisCache._asked_again_at = 0.0
    yield
    ForgivingRedisCache._asked_again_at = 0.0
    ForgivingRedisCache._left_behind.clear()


def dead() -> ForgivingRedisCache:
    return ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}", OPTIONS)


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda cache: cache.get("key", 7), 7),
        (lambda cache: cache.set("key", 7), None),
        (lambda cache: cache.add("key", 7), True),
        (lambda cache: cache.touch("key"), False),
        (lambda cache: cache.delete("key"), False),
        (lambda cache: cache.has_key("key"), False),
        (lambda cache: cache.get_many(["key"]), {}),
        (lambda cache: cache.set_many({"key": 7}), ["key"]),
        (lambda cache: cache.delete_many(["key"]), None),
        (lambda cache: cache.clear(), None),
        (lambda cache: cache.get_or_set("key", 7), 7),
    ],
    ids=lambda value: None if callable(value) else str(value),
)
def test_a_cache_that_is_away_remembers_nothing_and_fails_nobody(ask, answer):
    assert ask(dead()) == answer


def test_one_that_hangs_is_left_alone_for_a_while():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cache = ForgivingRedisCache(f"redis://127.0.0.1:{silent.getsockname()[1]}", OPTIONS)
        began = time.monotonic()
        for _ in range(20):
            assert cache.get("key") is None
        assert time.monotonic() - began < 2


class Hanging(RedisCache):
    """Takes what is sent to it, and answers when it is told to; what it took is done by then."""

    hangs = True

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def add(self, key, value, timeout=None, version=None):
        is_new = self.kept.setdefault(key, value) is value
        self._answer()
        return is_new

    def delete(self, key, version=None):
        self._answer()
        return self.kept.pop(key, None) is not None

    def _answer(self) -> None:
        if self.hangs:
            raise RedisTimeout


class ForgivingHanging(ForgivingRedisCache, Hanging):
    """The rule under test over the Redis above."""

    def __init__(self) -> None:
        Hanging.__init__(self)


def test_a_lock_that_a_hanging_redis_took_up_is_given_back_when_it_answers():
    cache = ForgivingHanging()
    one, another = object(), object()
    assert cache.add("sign-in:lock", one)
    cache.delete("sign-in:lock")
    assert cache.kept == {"sign-in:lock": one}

    cache.hangs = False
    ForgivingHanging._asked_again_at = 0.0

    assert cache.add("sign-in:lock", another)
    assert cache.kept == {"sign-in:lock": another}
