"""The soak in miniature: with no bug it finds nothing; with one planted in every process it must find that."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.soak.course import Course
from bench.soak.deployment import Deployment
from bench.soak.people import make_people
from bench.soak.plan import ALL, Planned, draw
from bench.suites.soak import ZERO
from tests.support.own_servers import OwnPostgres, OwnRedis
from tests.support.processes import Process, cli

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]

#: With it the twelve faults are of twelve kinds, and some of them overlap.
SEED = 8

Play = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Plays a plan, with a bug, on two estates with twelve clients; each time in new processes on the same servers."""
    with OwnPostgres() as postgres, OwnRedis() as redis:
        postgres.create_database("soak")

        def deployed(bug: str) -> Deployment:
            return Deployment(postgres, redis, "soak", tmp_path_factory.mktemp("switches"), bug=bug)

        first = deployed("none")
        first.relay.close()
        people = make_people(first, 2, 6)

        def play(plan: Sequence[Planned], bug: str) -> dict[str, Any]:
            with deployed(bug) as deployment:
                # With the bug in it, what is waited for never comes.
                course = Course(deployment, people, seed=SEED, settle_s=4)
                figures = asyncio.run(course.run(plan, writers=2))
                # Shown with a failure.
                print(figures, *course.verdict.examples, *deployment.outputs().values(), sep="\n")
                return figures

        yield play


def lasting(kind: str, target: str, *, amount: float = 0) -> Planned:
    """A fault of one second."""
    return Planned(kind, target, lasts_s=1, amount=amount, is_overlapping=False, pause_s=0.2)


def test_a_dozen_faults_cost_nobody_an_event(tmp_path: Path) -> None:
    plan = draw(SEED, 12)
    assert len({planned.kind for planned in plan}) == 12
    assert any(planned.is_overlapping for planned in plan)
    file = tmp_path / "figures.json"
    sizes = ["--faults", "12", "--clients", "12", "--writers", "2", "--seed", str(SEED)]

    with Process(cli("bench", "soak", *sizes, "--json", str(file))) as process:
        assert process.wait(timeout_s=240) == 0, process.output

    figures = json.loads(file.read_text())
    assert {name: figures[name] for name in ZERO} == dict.fromkeys(ZERO, 0)
    assert (figures["faults"], figures["clients"]) == (12, 12)
    assert figures["events"] > 100
    assert set(figures["writes"]) == {"ok"}
    assert figures["by_kind"].keys() == {planned.kind for planned in plan}


def test_a_hub_that_trusts_redis_is_found_out(play: Play) -> None:
    figures = play([lasting("redis cut reset", ALL)], "trusting")

    assert figures["lost"] > 0


def test_what_is_announced_before_its_commit_is_found_out(play: Play) -> None:
    fails = [lasting("commits fail", name, amount=0.5) for name in ("web", "realtime-0", "realtime-1")]

    figures = play(fails, "hasty")

    assert figures["phantom"] > 0
    assert figures["lost"] > 0
