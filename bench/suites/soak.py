"""A whole deployment that is broken at random, again and again, and whether its clients heard everything.

PostgreSQL, Redis, the web process, two realtime processes, the worker and the beat are its own. Its clients are the
Python client library, its writers go through REST and the socket. Faults are drawn from a seed: processes are killed
and stopped, servers restarted and emptied, networks cut, clocks stepped, commits fail, readers stall. At the end every
client's history is held against the log in the database, and every writer's too. Exit code 1 where anything is wrong.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.measuring import machine
from bench.processes import allow_sockets
from bench.report import add_json_option, listing, progress, table, write_json
from bench.soak.checker import LISTENING, WRITING
from bench.soak.course import Course
from bench.soak.deployment import Deployment
from bench.soak.people import FEWEST, MOST, make_people
from bench.soak.plan import KINDS, draw
from clustr.cli import legs
from clustr.cli.refusal import Refusal
from tests.support.bugs import BUGS
from tests.support.own_servers import OwnPostgres, OwnRedis

DATABASE = "clustr_soak"
#: What must be zero.
ZERO = (*LISTENING, *WRITING, "gaps_in_log", "gave_up", "ended_by_themselves")
KIND_COLUMNS = ("kind", "count", "catch_up_p50_s", "catch_up_max_s")


def play(options: argparse.Namespace) -> dict[str, Any]:
    plan = draw(options.seed, options.faults, kinds=options.only)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-soak-")))
        postgres, redis = stack.enter_context(OwnPostgres()), stack.enter_context(OwnRedis())
        postgres.create_database(DATABASE)
        deployment = Deployment(postgres, redis, DATABASE, folder, bug=options.bug)
        stack.callback(deployment.relay.close)
        progress(f"seed {options.seed}: making {options.estates} estates")
        people = make_people(deployment, options.estates, options.clients // options.estates)
        progress("starting the processes")
        stack.enter_context(deployment)
        course = Course(deployment, people, seed=options.seed)
        try:
            figures = asyncio.run(course.run(plan, writers=options.writers))
        finally:
            _write_logs(options.logs, deployment, course)
    for example in course.verdict.examples:
        progress(example)
    return figures


def _write_logs(folder: Path | None, deployment: Deployment, course: Course) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, output in deployment.outputs().items():
        (folder / f"{name}.log").write_text(output)
    for listener in course.harmed:
        entries = "\n".join(map(str, listener.history.entries))
        (folder / f"{listener.name}.history").write_text(entries)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench soak", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--clients", type=int, default=200, help="in all estates together")
    parser.add_argument("--estates", type=int, default=2)
    parser.add_argument("--writers", type=int, default=4, help="in each estate, of either kind")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="repeats a run's faults")
    parser.add_argument(
        "--only", action="append", default=[], choices=[kind.name for kind in KINDS], help="(repeatable)"
    )
    parser.add_argument("--bug", choices=sorted(BUGS), default="none", help="plant one: it must be found")
    parser.add_argument("--logs", type=Path, metavar="DIR", help="what the processes said, and bad histories")
    add_json_option(parser)
    options = parser.parse_args(arguments)
    if missing := legs.postgres_server() or legs.redis_server():
        raise Refusal(f"This bench starts servers of its own: {missing}.")
    if not FEWEST * options.estates <= options.clients <= MOST:
        raise Refusal(f"Give at least {FEWEST} --clients for each estate, and at most {MOST} in all.")
    allow_sockets(options.clients * 2)
    figures = play(options)
    by_kind = figures["by_kind"]
    print(table([{"kind": kind, **row} for kind, row in by_kind.items()], KIND_COLUMNS))
    print()
    print(listing({name: value for name, value in figures.items() if name != "by_kind"}))
    write_json(options.json, {"bench": "soak", "machine": machine(), **figures})
    if any(figures[name] for name in ZERO):
        sys.exit(1)


if __name__ == "__main__":
    main()
