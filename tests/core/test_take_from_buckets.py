"""Buckets of requests: the same in the process's memory and in Redis, as one step, and off where Redis is away."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from core.cache import CountingLocMemCache, ForgivingRedisCache
from core.rates import Quota, take
from tests.support.ports import free_port

counting: Any = cache
SLOW = Quota("user", "rate:user:1", 3, 60)
WIDE = Quota("address", "rate:address:1", 1000, 60)


def test_a_bucket_is_emptied_at_once_and_refills_evenly():
    full_at = [0.0]
    for remaining in (2, 1, 0):
        taken, full_at = take(full_at, [SLOW], 0)
        assert (taken.is_refused, taken.standings[0].remaining) == (False, remaining)
    refused, kept = take(full_at, [SLOW], 19e6)
    assert (refused.is_refused, refused.standings[0].wait_s) == (True, 1.0)
    assert kept == full_at
    taken, full_at = take(full_at, [SLOW], 20e6)
    assert (taken.is_refused, taken.standings[0].remaining) == (False, 0)
    taken, _ = take(full_at, [SLOW], 200e6)
    assert taken.standings[0].remaining == 2


def test_an_empty_bucket_takes_nothing_from_the_others():
    for _ in range(3):
        assert not counting.take([SLOW, WIDE]).is_refused

    refused = [counting.take([SLOW, WIDE]) for _ in range(5)]

    assert all(one.is_refused for one in refused)
    assert {one.standings[1].remaining for one in refused} <= {997, 998}
    assert 0 < refused[0].standings[0].wait_s <= 20
    assert counting.take([WIDE]).standings[0].remaining in (996, 997)


def test_many_at_once_never_take_more_than_there_is():
    quota = Quota("user", "rate:user:2", 50, 3600)
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: counting.take([quota]).is_refused, range(200)))
    assert taken.count(False) == 50


def test_what_is_full_again_is_not_kept(monkeypatch):
    monkeypatch.setattr("core.cache.BUCKETS_AT_MOST", 10)
    own = CountingLocMemCache("own", {})
    own.clear()
    for number in range(100):
        own.take([Quota("address", f"rate:address:{number}", 1_000_000_000, 1)])
    assert len(own._buckets) <= 12


@pytest.mark.once
def test_a_redis_that_was_started_anew_counts_on_and_forgets_by_itself():
    client = redis.Redis.from_url(settings.ENV.redis_urls[0]) if settings.ENV.redis_urls else None
    if client is not None:
        client.script_flush()

    assert counting.take([SLOW]).standings[0].remaining == 2
    if client is not None:
        (key,) = client.scan_iter("*rate:user:1")
        assert 0 < client.pttl(key) <= 20_001


def test_a_redis_that_is_away_holds_nobody_back():
    away = ForgivingRedisCache(
        f"redis://127.0.0.1:{free_port()}", {"OPTIONS": {"socket_connect_timeout": 0.2}}
    )
    try:
        assert [away.take([SLOW]) for _ in range(10)] == [None] * 10
    finally:
        ForgivingRedisCache._asked_again_at = 0.0
