"""Drives the load client (clients.c)."""

import json
import time
from pathlib import Path
from typing import Any

from bench.load import compiled
from bench.processes import LOAD_CORE, Program
from clustr.cli.refusal import Refusal


class LoadClient:
    """So many sockets to one address on this machine."""

    def __init__(
        self,
        *,
        port: int,
        path: str,
        sockets: int,
        ready: str = "",
        only: str = "",
        subprotocol: str = "",
        keepalive: str = "",
        life_s: float = 900,
    ) -> None:
        given = {
            "port": port,
            "path": path,
            "sockets": sockets,
            "ready": ready,
            "only": only,
            "subprotocol": subprotocol,
            "keepalive": keepalive,
            "life-s": life_s,
        }
        options = [part for name, value in given.items() if value for part in (f"--{name}", str(value))]
        self._sockets = sockets
        self._unread: list[dict[str, Any]] = []
        self._program = Program([str(compiled("clients")), *options], core=LOAD_CORE)

    def close(self) -> None:
        self._program.__exit__()

    def connect(
        self,
        hello: Path,
        *,
        save: Path | None = None,
        spread_s: float = 0,
        opening: int = 100,
        wait: bool = True,
    ) -> dict[str, Any]:
        """Open every socket. `save`: gets a line for each, its number and its ready frame. `opening`: at a time."""
        self._program.say(f"connect {hello} {save or '-'} {int(spread_s * 1000)} {opening}")
        return self.wait_ready() if wait else {}

    def wait_ready(self, *, timeout_s: float = 300) -> dict[str, Any]:
        """Until all are; `s` and `retries` say how it went."""
        return self._answer("ready", timeout_s)

    def begin(self, first: int, count: int) -> None:
        """From now on events `first` to `first + count - 1` count."""
        self._unread.clear()
        self._program.say(f"round {first} {count}")
        self._answer("round", 60)

    def wait_all(self, count: int, *, timeout_s: float) -> list[float]:
        """Until so many more events have reached every socket, or the time is over.

        Returns how many milliseconds each took to the last of them.
        """
        deadline = time.monotonic() + timeout_s
        taken: list[float] = []
        while len(taken) < count and (answer := self._next("all", deadline)) is not None:
            taken.append(answer["last_ms"])
        return taken

    def report(self, count: int) -> dict[str, Any]:
        """What came of the first `count` events of the round."""
        self._program.say(f"report {count}")
        return self._answer("deliveries", 60)

    def drop(self) -> None:
        """Reset every socket."""
        self._program.say("drop")
        self._answer("dropped", 60)

    def _answer(self, key: str, timeout_s: float) -> dict[str, Any]:
        answer = self._next(key, time.monotonic() + timeout_s)
        if answer is None:
            raise Refusal(f"The load client's {self._sockets} sockets were not {key} in {timeout_s:.0f} s.")
        return answer

    def _next(self, key: str, deadline: float) -> dict[str, Any] | None:
        """The next answer with this key. What else is said meanwhile waits for who asks for it."""
        for at, answer in enumerate(self._unread):
            if key in answer:
                return self._unread.pop(at)
        while (line := self._program.hear(timeout_s=max(0, deadline - time.monotonic()))) is not None:
            if not line.startswith("{"):
                raise Refusal(f"The load client failed: {line}")
            answer = json.loads(line)
            if "gave_up" in answer:
                raise Refusal(f"Socket {answer['gave_up']} cannot be opened (close code {answer['code']}).")
            if key in answer:
                return answer
            self._unread.append(answer)
        return None
