"""A worker lives on, whatever was under way when Redis went."""

import sys

import pytest
from celery import Celery

from tests.support.own_servers import OwnRedis
from tests.support.processes import Process, clean_environment

pytestmark = [pytest.mark.fault, pytest.mark.timeout(90)]


def test_redis_goes_while_a_task_runs_and_the_worker_takes_the_next_one() -> None:
    with OwnRedis() as redis:
        command = [sys.executable, "-P", "-m", "tests.support.sleepy_worker", redis.url]
        environment = clean_environment(CLUSTR_REDIS_URL=redis.url, CLUSTR_SECRET_KEY="k" * 40)
        sender = Celery(broker=redis.url)
        with Process(command, environment=environment) as worker:
            sender.send_task("sleep", [3])
            worker.expect("asleep")
            redis.stop()
            redis.start()
            # It cannot be acknowledged any more.
            worker.expect("slept 3 s")

            sender.send_task("sleep", [0])
            worker.expect("slept 0 s", timeout_s=30)
            assert worker.is_running
        sender.close()
