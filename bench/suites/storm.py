"""Thousands of sockets come back at once and each resumes what it missed: CPU, database queries and seconds.

All are connected; the server is killed (or told to end), events are published meanwhile, it starts again, and every
client comes back with its resume token and its positions. With --no-restart the clients alone drop. The database is a
private PostgreSQL that writes down every statement, so that the realtime process's queries are counted, not estimated.
"""

import argparse
import json
import signal
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.load.client import LoadClient
from bench.measuring import cpu_s, machine, memory_kb
from bench.ours import PATH, PING, WELCOME, start_realtime
from bench.processes import Program, allow_sockets
from bench.report import add_json_option, listing, progress, write_json
from bench.servers import Backend, LoggedPostgres, logged_backend
from bench.statements import CHECK, queries
from bench.town import Town
from tests.support.ports import free_port

#: Seconds that all have to be live again.
PATIENCE_S = 300.0
#: A server that used less than this share of a core for a second has done what there was to do.
QUIET = 0.1


class Storm:
    """The scene: servers, town, sockets."""

    def __init__(self, options: argparse.Namespace, stack: ExitStack) -> None:
        self._options = options
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-bench-")))
        self._backend: Backend
        self._postgres: LoggedPostgres
        self._backend, self._postgres = stack.enter_context(logged_backend())
        self._town = stack.enter_context(Town(self._backend))
        progress(f"seeding an estate with {options.sockets} members")
        self._town.seed(options.sockets)
        self._port = free_port()
        self._server = start_realtime(self._backend, self._port)
        stack.callback(lambda: self._server.stop(signal.SIGKILL))
        self._client = LoadClient(
            port=self._port, path=PATH, sockets=options.sockets, ready=WELCOME, keepalive=PING
        )
        stack.callback(self._client.close)

    def play(self) -> dict[str, Any]:
        hello = self._connect()
        self._break()
        progress(f"publishing {self._options.events} events that nobody hears")
        for number in range(self._options.events):
            self._town.publish(number, 1)
            self._town.wait()
        if self._options.restart:
            self._server = start_realtime(self._backend, self._port)
        return self._return(hello)

    def _connect(self) -> Path:
        first = self._folder / "first"
        welcomes = self._folder / "welcomes"
        self._town.mint(first)
        progress(f"connecting {self._options.sockets} sockets")
        self._client.connect(first, save=welcomes, opening=self._options.opening)
        resume = self._folder / "resume"
        resume.write_text("".join(_resume_frames(welcomes)))
        return resume

    def _break(self) -> None:
        if self._options.restart:
            progress(f"{self._options.signal} to the server")
            self._server.stop(signal.Signals[f"SIG{self._options.signal}"])
        else:
            progress("the clients drop")
            self._client.drop()
            _wait_quiet(self._server)

    def _return(self, hello: Path) -> dict[str, Any]:
        progress("all come back")
        events, pids = self._options.events, [self._server.pid]
        log_before = len(self._postgres.log)
        cpu, memory = cpu_s(pids), memory_kb(pids)
        self._client.begin(0, events)
        self._client.connect(
            hello, spread_s=self._options.spread_s, opening=self._options.sockets, wait=False
        )
        ready = self._client.wait_ready(timeout_s=PATIENCE_S)
        self._client.wait_all(events, timeout_s=PATIENCE_S)
        used = cpu_s(pids) - cpu
        asked = queries(self._postgres.log[log_before:], "realtime")
        # What would come twice has its chance to do so.
        time.sleep(1)
        return self._figures(ready, used, asked, memory_kb(pids) - memory)

    def _figures(
        self, ready: dict[str, Any], used: float, asked: Counter[str], memory: int
    ) -> dict[str, Any]:
        sockets, report = self._options.sockets, self._client.report(self._options.events)
        return {
            "sockets": sockets,
            "missed_events": self._options.events,
            "restart": self._options.restart,
            "cpu_us_per_session": round(used * 1e6 / sockets, 1),
            "queries": asked.total() - asked[CHECK],
            "connection_checks": asked[CHECK],
            "welcomed_s": ready["s"],
            "all_live_s": round(max(ready["s"], report["complete_s"]), 3) if not report["lost"] else None,
            "lost": report["lost"],
            "duplicated": report["duplicated"],
            "retries": ready["retries"],
            "closes": report["closes"],
            "kb_per_socket": round(memory / sockets, 1),
            "client_cpu_us_per_delivery": report["client_cpu_us"],
            "most_asked": dict(asked.most_common(10)),
        }


def _resume_frames(welcomes: Path) -> list[str]:
    """A line for each socket, in their order: come back to where the welcome left you."""
    frames: dict[int, str] = {}
    for line in welcomes.read_text().splitlines():
        number, _, text = line.partition("\t")
        welcome = json.loads(text)
        frame = {
            "type": "connect",
            "ref": "2",
            "resume_token": welcome["resume_token"],
            "device": f"bench-{number}",
            "topics": {
                name: {"offset": state["head"], "epoch": state["epoch"]}
                for name, state in welcome["topics"].items()
            },
        }
        frames[int(number)] = f"t{json.dumps(frame)}\n"
    return [frames[number] for number in sorted(frames)]


def _wait_quiet(server: Program) -> None:
    """Until it has seen that they are gone."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        before = cpu_s([server.pid])
        time.sleep(1)
        if cpu_s([server.pid]) - before < QUIET:
            return


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench storm", description=__doc__)
    parser.add_argument("--sockets", type=int, default=5000)
    parser.add_argument("--events", type=int, default=20, help="that each of them missed")
    parser.add_argument("--signal", choices=["KILL", "TERM"], default="KILL", help="how the server ends")
    parser.add_argument("--no-restart", dest="restart", action="store_false", help="only the clients drop")
    parser.add_argument(
        "--spread-s", type=float, default=1.0, help="over which the clients begin to come back"
    )
    parser.add_argument("--opening", type=int, default=100, help="handshakes at a time before the storm")
    add_json_option(parser)
    options = parser.parse_args(arguments)
    allow_sockets(options.sockets)
    with ExitStack() as stack:
        figures = Storm(options, stack).play()
    print(listing({name: value for name, value in figures.items() if not isinstance(value, dict)}))
    for text, count in figures["most_asked"].items():
        print(f"{count:>8}  {text}")
    write_json(options.json, {"bench": "storm", "machine": machine(), **figures})


if __name__ == "__main__":
    main()
