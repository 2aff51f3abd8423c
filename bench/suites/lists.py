"""How long every list takes on an estate of 5,000 people and 2,000 homes, over REST from gunicorn and PostgreSQL.

Each list is asked for its first page, for a page further on, for a search, and in each of its orders, one request after
the other. The slowest list's slowest query is explained.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from bench.estate import EstateProcess
from bench.measuring import machine, process_cpu_s, with_children
from bench.places import DATABASES, place
from bench.report import add_json_option, progress, table, write_json
from bench.servers import backend
from bench.town import MANAGER, PASSWORD

COLUMNS = "list asked p50_ms p95_ms max_ms cpu_ms rows".split()
GOAL_MS = 200
#: Pages that are turned before one is measured.
FURTHER = 5
WARM_UP = 2


def ways(client: httpx.Client, path: str, orders: list[str]) -> dict[str, str]:
    """What is asked for, by name."""
    found = {"first page": path}
    url = f"{path}?page_size=10"
    for _ in range(FURTHER):
        after = client.get(url).json()["next"]
        url = after or url
    found["further on"] = url
    found["search"] = f"{path}?q=1"
    found["search in vain"] = f"{path}?q=nothing+of+this+name"
    found |= {f"by {order}": f"{path}?ordering={order}" for order in orders}
    found["page of 200"] = f"{path}?page_size=200"
    return found


def measure(client: httpx.Client, pid: int, url: str, rounds: int) -> dict[str, Any]:
    """`cpu_ms`: the web process's, without the database's."""
    taken, cpu = [], 0.0
    for number in range(-WARM_UP, rounds):
        if number == 0:
            cpu = process_cpu_s(with_children(pid))
        began = time.monotonic()
        answer = client.get(url)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}: {answer.text}")
        if number >= 0:
            taken.append((time.monotonic() - began) * 1000)
    taken.sort()
    return {
        "p50_ms": round(taken[len(taken) // 2], 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)], 1),
        "max_ms": round(taken[-1], 1),
        "cpu_ms": round((process_cpu_s(with_children(pid)) - cpu) * 1000 / rounds, 1),
        "rows": len(answer.json()["results"]),
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench lists", description=__doc__)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=300, help="in each other list")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    add_json_option(parser)
    options = parser.parse_args(arguments)
    rows, explained = [], {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-bench-")))
        servers = stack.enter_context(backend()) if options.database == "postgresql" else None
        at = place("gunicorn", options.database, servers, folder)
        estate = stack.enter_context(EstateProcess(at.environment))
        progress(f"seeding {options.people} people and {options.units} homes")
        estate.ask("seed", people=options.people, units=options.units)
        lists = estate.ask("fill", rows=options.rows)["lists"]
        program, port = stack.enter_context(at.served())
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        given = {"email": MANAGER, "password": PASSWORD}
        token = client.post("/_allauth/app/v1/auth/login", json=given).json()["meta"]["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for name, one in lists.items():
            progress(name)
            for asked, url in ways(client, one["path"], one["orders"]).items():
                figures = measure(client, program.pid, url, options.rounds)
                rows.append({"list": name, "asked": asked, "url": url, **figures})
        rows.sort(key=lambda row: -row["p95_ms"])
        path = rows[0]["url"].removeprefix(f"http://127.0.0.1:{port}")
        explained = estate.ask("explain", path=path)
    slow = [row for row in rows if row["p95_ms"] > GOAL_MS]
    print(table(rows[:15], COLUMNS))
    print(f"\n{len(rows)} ways to ask {len(lists)} lists; {len(slow)} of them over {GOAL_MS} ms.\n")
    print(f"{rows[0]['list']}, {rows[0]['asked']}: {explained['queries']} queries, the slowest:")
    print("\n".join(explained["plan"]))
    figures = {"bench": "lists", "machine": machine(), "rows": rows, "explained": explained}
    write_json(options.json, figures)


if __name__ == "__main__":
    main()
