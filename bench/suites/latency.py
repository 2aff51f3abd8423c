"""From the SOS's REST call to the guard's open socket: how long, over many rounds, on one machine.

Starts an embedded demo of its own in a temporary folder (or uses a running one: --data-dir with its demo.json). The
client and the server share the machine's cores, and the clock is the client's own: from just before the request is sent
until the frame is read. Each round is a drill that the guard resolves before the next.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bench.measuring import machine
from bench.report import add_json_option, listing, progress, write_json

START_S = 60


class App:
    """One person of the demo, over REST."""

    def __init__(self, sign_ins: dict[str, Any], role: str) -> None:
        self.person = next(person for person in sign_ins["people"] if person["role"] == role)
        base = f"{sign_ins['base_url']}/api/v1/estates/{self.person['estate_id']}"
        self.sign_in_at = f"{sign_ins['base_url']}/_allauth/app/v1/auth/login"
        self.ws = f"{sign_ins['base_url'].replace('http', 'ws', 1)}/ws/v1/"
        self.http = httpx.AsyncClient(base_url=base, timeout=30)

    async def sign_in(self) -> None:
        given = {"email": self.person["email"], "password": self.person["password"]}
        answer = await self.http.post(self.sign_in_at, json=given)
        answer.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['meta']['access_token']}"

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.http.post(path, json=body)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[ClientConnection]:
        token = (await self.post("/realtime/tokens/"))["token"]
        async with connect(self.ws, compression=None) as socket:
            await socket.send(json.dumps({"type": "connect", "ref": "1", "token": token, "device": "bench"}))
            await next_frame(socket, "welcome")
            yield socket


async def next_frame(socket: ClientConnection, kind: str, event: str = "") -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 30))
        if frame["type"] == kind and frame.get("event", "") == event:
            return frame


async def _arrival(tablet: ClientConnection) -> float:
    """The moment at which the alert's frame was read, whenever the raiser gets his answer."""
    await next_frame(tablet, "event", "emergency.alert.raised")
    return time.perf_counter()


async def measure(sign_ins: dict[str, Any], rounds: int) -> list[float]:
    """Milliseconds of each round; the first few warm up and do not count."""
    ada, gate = App(sign_ins, "owner"), App(sign_ins, "guard")
    await ada.sign_in()
    await gate.sign_in()
    taken: list[float] = []
    async with gate.socket() as tablet:
        for number in range(-5, rounds):
            if number % 50 == 0:
                progress(f"round {number} of {rounds}")
            began = time.perf_counter()
            alert, arrived = await asyncio.gather(
                ada.post("/alerts/", category="other", drill=True), _arrival(tablet)
            )
            if number >= 0:
                taken.append((arrived - began) * 1000)
            await gate.post(f"/alerts/{alert['id']}/resolve/", outcome="test", report="benchmark")
    return taken


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench latency", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--data-dir", type=Path, help="of a running demo")
    add_json_option(parser)
    options = parser.parse_args(arguments)
    if options.data_dir:
        taken = run(options.data_dir, options.rounds)
    else:
        with tempfile.TemporaryDirectory(prefix="clustr-bench-") as folder:
            taken = run_own(Path(folder), options.rounds)
    figures = report(taken)
    print(listing(figures))
    write_json(options.json, figures)


def run(data_dir: Path, rounds: int) -> list[float]:
    return asyncio.run(measure(json.loads((data_dir / "demo.json").read_text()), rounds))


def run_own(folder: Path, rounds: int) -> list[float]:
    log = folder / "log"
    command = [sys.executable, "-m", "clustr.cli", "demo", "--port", "0", "--data-dir", str(folder)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            deadline = time.monotonic() + START_S
            while "ClustR is ready" not in log.read_text():
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"The demo did not start:\n{log.read_text()}")
                time.sleep(0.2)
            return run(folder, rounds)
        finally:
            server.terminate()


def report(taken: list[float]) -> dict[str, Any]:
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {
        "bench": "latency",
        "what": "from just before the SOS's REST call until its frame is read from the guard's socket, embedded",
        "unit": "ms",
        "rounds": len(taken),
        "p50": round(statistics.median(taken), 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "max": round(max(taken), 1),
        **machine(),
    }


if __name__ == "__main__":
    main()
