"""An SOS over REST until the last of 1,000 guards' tablets has it: on an idle machine, and beside other requests.

The web processes, the realtime process, PostgreSQL and Redis as production has them. The clock runs from just before
the POST until the load client has read the alert from the last socket. Each round's alert is resolved before the next.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.load.client import LoadClient
from bench.marks import marked
from bench.measuring import cpu_s, machine
from bench.ours import PATH, PING, WELCOME, start_realtime
from bench.processes import allow_sockets
from bench.report import add_json_option, progress, table, write_json
from bench.rest import App, end_load, start_web
from bench.servers import backend
from bench.town import MANAGER, OWNER, Town
from tests.support.ports import free_port

COLUMNS = (
    "name guards rounds p50_ms p99_ms max_ms first_p50_ms post_p50_ms lost duplicated rest_per_s rest_p50_ms"
).split()
WARM_UP = 5
ARRIVAL_S = 15.0
#: Seconds between the end of one alert and the next: its own frames have left by then.
PAUSE_S = 0.15


class Scene:
    """Guards at their tablets, an owner in need, and a manager who ends it."""

    def __init__(self, guards: int, on_duty: int, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-bench-")))
        web_port, emergency_port, self._port = free_port(), free_port(), free_port()
        servers = stack.enter_context(backend()).at(web_port)
        town = stack.enter_context(Town(servers))
        self._guards, self._next = guards, 0
        progress(f"seeding an estate with {guards} guards")
        estate_id = town.seed(guards, role="guard", on_duty=on_duty)
        # As the proxy divides them: what is done in an emergency has a process of its own.
        for port in (web_port, emergency_port):
            stack.callback(start_web(servers.environment("web"), port).stop)
        self._server = start_realtime(servers, self._port)
        stack.callback(self._server.stop)
        self.client = LoadClient(
            port=self._port,
            path=PATH,
            sockets=guards,
            ready=WELCOME,
            keepalive=PING,
            only='"event":"emergency.alert.raised"',
        )
        stack.callback(self.client.close)
        town.mint(folder / "guards")
        progress(f"connecting {guards} sockets")
        self.client.connect(folder / "guards")
        self.owner, self.manager = (App(emergency_port, email, estate_id) for email in (OWNER, MANAGER))
        self.everybody = App(web_port, MANAGER, estate_id)
        for app in (self.owner, self.manager, self.everybody):
            stack.callback(app.close)

    def measure(self, name: str, rounds: int, longest_s: float) -> dict[str, Any]:
        """So many SOS, one after the other, as long as there is time."""
        self._play(WARM_UP, longest_s)
        progress(f"{name}: {rounds} rounds")
        cpu = cpu_s([self._server.pid])
        last, posts = self._play(rounds, longest_s)
        rounds = len(posts)
        report = self.client.report(rounds)
        cuts = statistics.quantiles(last, n=100, method="inclusive") if len(last) > 1 else last * 99
        return {
            "name": name,
            "guards": self._guards,
            "rounds": rounds,
            "p50_ms": round(statistics.median(last), 2),
            "p99_ms": round(cuts[98], 2),
            "max_ms": round(max(last), 2),
            "first_p50_ms": report["first_ms"],
            "post_p50_ms": round(statistics.median(posts), 2),
            "lost": report["lost"],
            "duplicated": report["duplicated"],
            "realtime_cpu_ms_per_round": round((cpu_s([self._server.pid]) - cpu) * 1000 / rounds, 1),
        }

    def _play(self, rounds: int, longest_s: float) -> tuple[list[float], list[float]]:
        """Milliseconds of each round: to the last socket, and to the owner's answer."""
        self.client.begin(self._next, rounds)
        last: list[float] = []
        posts: list[float] = []
        end = time.monotonic() + longest_s
        for number in range(self._next, self._next + rounds):
            began = time.monotonic()
            if began > end:
                break
            alert = self.owner.post("/alerts/", category="other", drill=True, note=marked(number, 60))
            posts.append((time.monotonic() - began) * 1000)
            last += self.client.wait_all(1, timeout_s=ARRIVAL_S) or [ARRIVAL_S * 1000]
            self.manager.post(f"/alerts/{alert['id']}/resolve/", outcome="test", report="benchmark")
            time.sleep(PAUSE_S)
        self._next += rounds
        return last, posts


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench sos", description=__doc__)
    parser.add_argument("--guards", type=int, default=1000)
    parser.add_argument(
        "--on-duty", type=int, default=10, metavar="N", help="so many of the guards are on duty"
    )
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--longest-s", type=float, default=60, help="seconds after which no round is begun")
    parser.add_argument(
        "--rest-load", type=float, metavar="N", help="measure again beside N requests a second"
    )
    add_json_option(parser)
    options = parser.parse_args(arguments)
    allow_sockets(options.guards)
    rows = []
    with ExitStack() as stack:
        scene = Scene(options.guards, options.on_duty, stack)
        rows.append(scene.measure("idle", options.rounds, options.longest_s))
        if options.rest_load:
            load = scene.everybody.start_load(options.rest_load)
            name = f"beside {options.rest_load:g} requests a second"
            row = scene.measure(name, options.rounds, options.longest_s)
            beside = end_load(load)
            row |= {f"rest_{name}": value for name, value in beside.items()}
            rows.append(row)
    print(table(rows, COLUMNS))
    write_json(options.json, {"bench": "sos", "machine": machine(), "rows": rows})


if __name__ == "__main__":
    main()
