"""Requests a second and CPU a request over REST: sign-in, a list, a create; on both servers and both databases.

Four clients send one request after the other. gunicorn has one worker. CPU is the serving process's, with its children;
the database's own is not in it, unless it is SQLite, which has no process of its own.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from bench.estate import EstateProcess
from bench.measuring import machine, process_cpu_s, with_children
from bench.places import DATABASES, SERVERS, Place, place
from bench.report import add_json_option, progress, table, write_json
from bench.servers import backend
from bench.town import MANAGER, PASSWORD

COLUMNS = "server database what requests per_s cpu_ms p50_ms p95_ms failed".split()
CLIENTS = 4
WARM_UP_S = 1.0


class Caller:
    """Somebody's app: one connection, signed in."""

    def __init__(self, port: int, estate_id: str, number: int) -> None:
        self._estate = f"/api/v1/estates/{estate_id}"
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        self._number, self._made = number, 0
        token = self.sign_in().json()["meta"]["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        self._http.close()

    def sign_in(self) -> httpx.Response:
        given = {"email": MANAGER, "password": PASSWORD}
        # A header of its own: with a token one is signed in already.
        return httpx.post(
            f"{self._http.base_url}/_allauth/app/v1/auth/login".replace("//_", "/_"), json=given, timeout=30
        )

    def list(self) -> httpx.Response:
        """Fifty of the people, with their roles and homes."""
        return self._http.get(f"{self._estate}/people/")

    def create(self) -> httpx.Response:
        self._made += 1
        unit = {"block": "Block 1", "name": f"New {self._number}-{self._made}-{time.monotonic_ns()}"}
        return self._http.post(f"{self._estate}/units/", json=unit)


def measure(pid: int, callers: list[Caller], what: str, seconds: float) -> dict[str, Any]:
    """So many seconds of one kind of request, by all callers at once."""
    taken: list[float] = []
    failed: list[int] = []
    lock = threading.Lock()

    def call(caller: Caller, until: float) -> None:
        send: Callable[[], httpx.Response] = getattr(caller, what)
        while time.monotonic() < until:
            began = time.monotonic()
            status = send().status_code
            with lock:
                taken.append(time.monotonic() - began)
                if status >= 400:
                    failed.append(status)

    def all_call(seconds: float) -> None:
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=call, args=(caller, until)) for caller in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_call(WARM_UP_S)
    taken.clear()
    began, cpu = time.monotonic(), process_cpu_s(with_children(pid))
    all_call(seconds)
    spent = process_cpu_s(with_children(pid)) - cpu
    taken.sort()
    return {
        "requests": len(taken),
        "per_s": round(len(taken) / (time.monotonic() - began), 1),
        "cpu_ms": round(spent * 1000 / len(taken), 2),
        "p50_ms": round(taken[len(taken) // 2] * 1000, 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)] * 1000, 1),
        "failed": len(failed),
    }


def play(at: Place, estate_id: str, seconds: float) -> list[dict[str, Any]]:
    rows = []
    with at.served() as (program, port):
        callers = [Caller(port, estate_id, number) for number in range(CLIENTS)]
        for what in ("sign_in", "list", "create"):
            figures = measure(program.pid, callers, what, seconds)
            # Told at once: what comes later may fail.
            progress(
                f"{at.server} on {at.database}: {what}: {figures['per_s']}/s, {figures['cpu_ms']} ms of CPU"
            )
            rows.append({"server": at.server, "database": at.database, "what": what, **figures})
        for caller in callers:
            caller.close()
    return rows


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench rest", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each kind of request")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--database", choices=DATABASES, help="only this one")
    add_json_option(parser)
    options = parser.parse_args(arguments)
    rows = []
    for database in [options.database] if options.database else DATABASES:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-bench-")))
            servers = stack.enter_context(backend()) if database == "postgresql" else None
            places = [place(server, database, servers, folder) for server in SERVERS]
            with EstateProcess(places[0].environment) as estate:
                progress(f"seeding {options.people} people on {database}")
                estate_id = estate.ask("seed", people=options.people, units=options.people // 3)["estate_id"]
            for at in places:
                rows += play(at, estate_id, options.seconds)
    print(table(rows, COLUMNS))
    write_json(options.json, {"bench": "rest", "machine": machine(), "rows": rows})


if __name__ == "__main__":
    main()
