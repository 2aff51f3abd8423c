"""One socket that can stop reading, comes back where it was cut off, and knows what it missed and what came twice."""

import asyncio
import json
import re
import threading
import time
from collections import Counter
from typing import Any, Self

from clustr_client.socket import Broken, Socket
from tests.support.stalling import StallableLine

_MARK = re.compile(r"#B(\d+):")
#: Seconds between two tries to come back.
BACKOFF_S = 0.05
#: What it says now and then, so that it is not taken for dead.
PING, PING_EVERY_S = '{"type":"ping"}', 4.0


class LateReader:
    """Runs on a thread of its own. `hello`: its first `connect` frame."""

    def __init__(self, url: str, hello: dict[str, Any]) -> None:
        self._url, self._connect = url, hello
        self._line = StallableLine()
        # From its first connection on: a stall is felt by the server before the kernel has kept much of it.
        self._line.narrow()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._is_over = False
        self._positions: dict[str, dict[str, Any]] = {}
        #: How often each marked event came, by number; and those that came after a later one.
        self.heard: Counter[int] = Counter()
        self.reordered = 0
        #: How its connections ended, by close code; None where the line broke.
        self.closes: Counter[int | None] = Counter()
        #: Topics of which a welcome said that not everything can be told.
        self.resyncs = 0
        self.welcomes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._is_over = True
        self.read_on()
        self._thread.join(10)

    def stall(self) -> None:
        """Read nothing until `read_on`."""
        self._loop.call_soon_threadsafe(self._line.stall)

    def read_on(self) -> None:
        self._loop.call_soon_threadsafe(self._line.read_on)

    def wait_for(self, first: int, count: int, *, timeout_s: float) -> bool:
        """Until it has had the events `first` to `first + count - 1`, or the time is over; whether it has."""
        deadline = time.monotonic() + timeout_s
        while self.missing(first, count):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def missing(self, first: int, count: int) -> int:
        """How many of these it has not had."""
        return sum(number not in self.heard for number in range(first, first + count))

    @property
    def duplicated(self) -> int:
        return sum(count - 1 for count in self.heard.values())

    def _run(self) -> None:
        self._loop.run_until_complete(self._live())
        self._loop.close()

    async def _live(self) -> None:
        while not self._is_over:
            try:
                await self._listen(await self._line.dial(self._url))
            except Broken as broken:
                self.closes[broken.code] += 1
                await asyncio.sleep(BACKOFF_S)

    async def _listen(self, line: Socket) -> None:
        await line.send(json.dumps({**self._connect, "topics": self._positions}))
        pings = self._loop.create_task(_ping(line))
        try:
            while not self._is_over:
                self._take(json.loads(await line.receive()))
        finally:
            pings.cancel()
        await line.close(1000)

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self._welcomed(frame)
            case "event":
                self._positions[frame["topic"]]["offset"] = frame["offset"]
                if mark := _MARK.search(json.dumps(frame["data"])):
                    number = int(mark[1])
                    self.reordered += number < max(self.heard, default=-1)
                    self.heard[number] += 1

    def _welcomed(self, frame: dict[str, Any]) -> None:
        self.welcomes += 1
        self._connect = {
            **{name: value for name, value in self._connect.items() if name != "token"},
            "resume_token": frame["resume_token"],
        }
        for name, state in frame["topics"].items():
            if state["recovered"]:
                continue
            self.resyncs += name in self._positions
            self._positions[name] = {"offset": state["head"], "epoch": state["epoch"]}


async def _ping(line: Socket) -> None:
    while True:
        await asyncio.sleep(PING_EVERY_S)
        await line.send(PING)
