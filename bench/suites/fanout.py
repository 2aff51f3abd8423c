"""One event to every socket of one process: CPU per delivery and latency, alone or side by side with peers.

Everything runs on this machine: the server on one core, the clients and the publisher on another. A round sends events,
each burst when all sockets have the one before; rounds of the contestants alternate, and each figure is the median of
its rounds. Latency counts from the publisher's stamp to the client's read. See docs/performance.md.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.contestant import Contestant
from bench.load.client import LoadClient
from bench.measuring import cpu_s, machine, medians, memory_kb
from bench.ours import Ours
from bench.peers import PEERS
from bench.processes import allow_sockets
from bench.report import add_json_option, progress, table, write_json
from bench.servers import backend
from bench.town import Town
from clustr.cli.refusal import Refusal

COLUMNS = (
    "name sockets cpu_us_per_delivery deliveries_per_s first_ms median_ms p99_ms last_ms lost duplicated "
    "kb_per_socket handshake_us idle_cpu_percent net_cpu_us client_cpu_us"
).split()
#: Seconds that an event has to reach everybody before it counts as lost where it did not.
ARRIVAL_S = 15.0
#: Events before the first round.
WARM_UP = 20
#: Seconds that memory has to settle after the last handshake.
SETTLE_S = 1.0
#: Seconds over which it is measured what a process does while nothing happens.
IDLE_S = 2.0


class Heat:
    """A contestant with its sockets, and what its rounds gave."""

    def __init__(self, contestant: Contestant, in_flight: int) -> None:
        self.contestant = contestant
        self._in_flight = in_flight
        self._next = 0
        self._rounds: list[dict[str, Any]] = []
        self._once: dict[str, float] = {}
        self.client = LoadClient(
            port=contestant.port,
            path=contestant.path,
            sockets=contestant.sockets,
            ready=contestant.ready,
            subprotocol=contestant.subprotocol,
            keepalive=contestant.keepalive,
        )

    def connect(self) -> None:
        """Open every socket; what a handshake and an idle socket cost is measured on the way."""
        pids = self.contestant.pids
        hello = self.contestant.hello()
        cpu, memory = cpu_s(pids), memory_kb(pids)
        try:
            self.client.connect(hello)
        except Refusal as error:
            raise Refusal(f"{self.contestant.name}: {error}\n{self.contestant.output}") from None
        time.sleep(SETTLE_S)
        sockets, settled = self.contestant.sockets, cpu_s(pids)
        self._once = {
            "handshake_us": (settled - cpu) * 1e6 / sockets,
            "kb_per_socket": (memory_kb(pids) - memory) / sockets,
        }
        time.sleep(IDLE_S)
        self._once["idle_cpu_percent"] = (cpu_s(pids) - settled) * 100 / IDLE_S

    def play(self, events: int, longest_s: float) -> dict[str, Any]:
        """A round: until so many events are sent, or so many seconds are over."""
        self.client.begin(self._next, events)
        pids = self.contestant.pids
        cpu, began = cpu_s(pids), time.monotonic()
        sent = 0
        while sent < events and time.monotonic() - began < longest_s:
            count = min(self._in_flight, events - sent)
            self.contestant.publish(self._next + sent, count)
            sent += count
            self.client.wait_all(count, timeout_s=ARRIVAL_S)
            self.contestant.settle()
        seconds, used = time.monotonic() - began, cpu_s(pids) - cpu
        self._next += events
        figures = self.client.report(sent)
        deliveries = max(1, figures["deliveries"])
        return {
            "events": sent,
            "cpu_us_per_delivery": used * 1e6 / deliveries,
            "deliveries_per_s": deliveries / seconds,
            **figures,
        }

    def keep(self, figures: dict[str, Any]) -> None:
        self._rounds.append(figures)

    def row(self) -> dict[str, Any]:
        """The medians of the rounds; what was lost or came twice is the sum.

        `net_cpu_us`: without what the process would have done in that time while nothing happened.
        """
        figures = {**medians(self._rounds), **self._once}
        idle_us = figures["idle_cpu_percent"] * 1e4 / figures["deliveries_per_s"]
        figures["net_cpu_us"] = figures["cpu_us_per_delivery"] - idle_us
        return {
            "name": self.contestant.name,
            "route": self.contestant.route,
            "sockets": self.contestant.sockets,
            **{name: round(value, 3) for name, value in figures.items()},
            "deliveries": sum(one["deliveries"] for one in self._rounds),
            "lost": sum(one["lost"] for one in self._rounds),
            "duplicated": sum(one["duplicated"] for one in self._rounds),
            "rounds": [round(one["cpu_us_per_delivery"], 3) for one in self._rounds],
        }

    def close(self) -> None:
        self.client.close()
        self.contestant.close()


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    allow_sockets(options.sockets)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-bench-")))
        contestants = _contestants(options, folder, stack)
        heats = []
        for contestant in contestants:
            progress(f"{contestant.name}: starting, {options.sockets} sockets")
            stack.callback(contestant.close)
            contestant.start()
            heat = Heat(contestant, options.in_flight)
            stack.callback(heat.close)
            heat.connect()
            # What is compiled, cached and allocated with the first events does not count.
            heat.play(WARM_UP, options.round_s)
            heats.append(heat)
        for number in range(options.rounds):
            for heat in heats:
                figures = heat.play(options.events, options.round_s)
                heat.keep(figures)
                progress(
                    f"round {number + 1} of {options.rounds}, {heat.contestant.name}: {figures['events']} events, "
                    f"{figures['cpu_us_per_delivery']:.1f} us a delivery, {figures['lost']} lost"
                )
        return [heat.row() for heat in heats]


def _contestants(options: argparse.Namespace, folder: Path, stack: ExitStack) -> list[Contestant]:
    servers = stack.enter_context(backend())
    town = stack.enter_context(Town(servers))
    progress(f"seeding an estate with {options.sockets} members")
    town.seed(options.sockets)
    found: list[Contestant] = [Ours(options.sockets, folder, servers, town)]
    for peer in PEERS if options.peers else ():
        if options.only and not any(name in peer.name.lower() for name in options.only):
            continue
        if missing := peer.missing():
            print(f"{peer.name}: left out, {missing}", flush=True)
        else:
            found.append(peer(options.sockets, folder))
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench fanout", description=__doc__)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--events", type=int, default=200, help="at most, in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--round-s", type=float, default=3.0, help="seconds after which a round sends no more"
    )
    parser.add_argument("--in-flight", type=int, choices=[1, 4], default=1, help="events sent at once")
    parser.add_argument("--peers", action="store_true", help="compare with what is installed")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="of the peers, only those (a part of the name)"
    )
    parser.add_argument("--leg", choices=["production"], default="production", help="PostgreSQL and Redis")
    add_json_option(parser)
    options = parser.parse_args(arguments)
    rows = measure(options)
    print(table(rows, COLUMNS))
    settings = {"sockets": options.sockets, "in_flight": options.in_flight, "events": options.events}
    write_json(options.json, {"bench": "fanout", "machine": machine(), "settings": settings, "rows": rows})


if __name__ == "__main__":
    main()
