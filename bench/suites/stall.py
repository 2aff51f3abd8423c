"""One of fifty readers stalls: what the others notice of it, and how it comes back.

Rounds alternate within one run: in one of them everybody reads, in the next the last reader stops with the first event
and goes on after the last. By then far more is waiting for it than its buffers hold, so the server has cut it off. The
others' latency counts from the publisher's stamp to the load client's read.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.late_reader import LateReader
from bench.load.client import LoadClient
from bench.measuring import machine, medians
from bench.ours import PATH, PING, WELCOME, start_realtime
from bench.processes import allow_sockets
from bench.report import add_json_option, listing, progress, table, write_json
from bench.servers import backend
from bench.town import Town
from tests.support.ports import free_port

COLUMNS = "name rounds events first_ms median_ms p99_ms p99_from p99_to last_ms lost duplicated".split()
READING, STALLED = "all read", "one stalls"
#: Seconds that an event has to reach the others, and everything to reach the stalled one once it reads again.
ARRIVAL_S, RETURN_S = 15.0, 60.0
WARM_UP = 50


class Scene:
    """The readers: all but the last are the load client's."""

    def __init__(self, options: argparse.Namespace, stack: ExitStack) -> None:
        self._options = options
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-bench-")))
        servers = stack.enter_context(backend())
        self._town = stack.enter_context(Town(servers))
        self._town.seed(options.sockets)
        port = free_port()
        stack.callback(start_realtime(servers, port).stop)
        self._client = LoadClient(
            port=port, path=PATH, sockets=options.sockets - 1, ready=WELCOME, keepalive=PING
        )
        stack.callback(self._client.close)
        self._town.mint(folder / "all")
        *_, last = (folder / "all").read_text().splitlines()
        self._client.connect(folder / "all")
        hello = json.loads(last.removeprefix("t"))
        self.late = stack.enter_context(LateReader(f"ws://127.0.0.1:{port}{PATH}", hello))
        self._next = 0
        while not self.late.welcomes:
            time.sleep(0.01)
        self._play(WARM_UP)

    def play(self, *, is_stalling: bool) -> dict[str, Any]:
        """A round. `returned_ms`: from the moment when it reads again until it has everything."""
        first, events = self._next, self._options.events
        cut_off = self.late.closes.total()
        if is_stalling:
            self.late.stall()
        figures = self._play(events)
        figures["behind"] = self.late.missing(first, events)
        self.late.read_on()
        began = time.monotonic()
        self.late.wait_for(first, events, timeout_s=RETURN_S)
        figures["returned_ms"] = (time.monotonic() - began) * 1000
        figures["missed"] = self.late.missing(first, events)
        figures["cut_off"] = self.late.closes.total() - cut_off
        return figures

    def _play(self, events: int) -> dict[str, Any]:
        self._client.begin(self._next, events)
        for number in range(self._next, self._next + events):
            self._town.publish(number, 1, size=self._options.bytes)
            self._client.wait_all(1, timeout_s=ARRIVAL_S)
            self._town.wait()
        self._next += events
        return self._client.report(events)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        progress(f"connecting {options.sockets} readers")
        scene = Scene(options, stack)
        rounds: dict[str, list[dict[str, Any]]] = {READING: [], STALLED: []}
        for number in range(options.rounds):
            for name, found in rounds.items():
                figures = scene.play(is_stalling=name == STALLED)
                found.append(figures)
                progress(
                    f"round {number + 1} of {options.rounds}, {name}: p99 {figures['p99_ms']:.2f} ms, "
                    f"{figures['cut_off']} cut off, back after {figures['returned_ms']:.0f} ms"
                )
        return {
            "rows": [_row(name, found, options.events) for name, found in rounds.items()],
            "stalled": _stalled(rounds, scene.late),
        }


def _row(name: str, rounds: Sequence[dict[str, Any]], events: int) -> dict[str, Any]:
    """What the others had."""
    p99s = [one["p99_ms"] for one in rounds]
    return {
        "name": name,
        "rounds": len(rounds),
        "events": events * len(rounds),
        **{key: round(value, 3) for key, value in medians(rounds).items()},
        "p99_from": min(p99s),
        "p99_to": max(p99s),
        "lost": sum(one["lost"] for one in rounds),
        "duplicated": sum(one["duplicated"] for one in rounds),
        "p99s": p99s,
    }


def _stalled(rounds: dict[str, list[dict[str, Any]]], late: LateReader) -> dict[str, Any]:
    """How it went for the one, and whether the others' times are others than without its stall."""
    back = [one["returned_ms"] for one in rounds[STALLED]]
    return {
        **_compared(rounds, "p99_ms"),
        **_compared(rounds, "median_ms"),
        "stalls": len(back),
        "behind_p50": statistics.median(one["behind"] for one in rounds[STALLED]),
        "cut_off": sum(one["cut_off"] for one in rounds[STALLED]),
        "cut_off_while_all_read": sum(one["cut_off"] for one in rounds[READING]),
        "closes": {str(code): count for code, count in late.closes.items()},
        "returned_p50_ms": round(statistics.median(back), 1),
        "returned_max_ms": round(max(back), 1),
        "lost": sum(one["missed"] for found in rounds.values() for one in found),
        "duplicated": late.duplicated,
        "reordered": late.reordered,
        "resyncs": late.resyncs,
    }


def _compared(rounds: dict[str, list[dict[str, Any]]], key: str) -> dict[str, Any]:
    """`ratio`: rounds with a stall by their neighbours without one. `noise`: of two neighbours without one, the greater
    by the smaller.
    """
    reading, stalled = ([one[key] for one in rounds[name]] for name in (READING, STALLED))
    ratios = [two / one for one, two in zip(reading, stalled, strict=True)]
    noise = [max(pair) / min(pair) for pair in pairwise(reading)]
    name = key.removesuffix("_ms")
    return {
        f"{name}_ratio": round(statistics.median(ratios), 3),
        f"{name}_noise": round(statistics.median(noise), 3) if noise else None,
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench stall", description=__doc__)
    parser.add_argument("--sockets", type=int, default=50)
    parser.add_argument("--events", type=int, default=400, help="in a round, one at a time")
    parser.add_argument("--bytes", type=int, default=16_000, help="of each event's text")
    parser.add_argument("--rounds", type=int, default=11, help="of either kind")
    add_json_option(parser)
    options = parser.parse_args(arguments)
    allow_sockets(options.sockets)
    figures = measure(options)
    print(table(figures["rows"], COLUMNS))
    print()
    print(listing(figures["stalled"]))
    settings = {"sockets": options.sockets, "events": options.events, "bytes": options.bytes}
    write_json(options.json, {"bench": "stall", "machine": machine(), "settings": settings, **figures})
    stalled = figures["stalled"]
    harmed = ("lost", "duplicated", "reordered", "resyncs")
    if any(stalled[name] for name in harmed) or any(row["lost"] for row in figures["rows"]):
        sys.exit(1)


if __name__ == "__main__":
    main()
