"""The production form in processes that can be broken, each behind network routes of its own."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx

from bench.measuring import with_children
from bench.soak.relay import Relay
from bench.soak.switches import Switches
from tests.support.own_servers import OwnPostgres, OwnRedis
from tests.support.processes import Process
from tests.support.systems import Production

#: Seconds that a process gets to answer after its start, whatever else is broken meanwhile.
START_S = 90.0
#: Seconds between heartbeats: short, because a soak waits for what they find.
HEARTBEAT_S = 2.0


class Deployment(Production):
    """`bug`: planted in every process (`tests/support/bugs.py`). `folder`: for what the processes look at."""

    def __init__(
        self, postgres: OwnPostgres, redis: OwnRedis, database: str, folder: Path, *, bug: str = "none"
    ) -> None:
        super().__init__(postgres, redis, database)
        self.environment["CLUSTR_HEARTBEAT_S"] = str(HEARTBEAT_S)
        self._folder, self._bug = folder, bug
        self._before: dict[str, list[str]] = {}
        self._killed: set[str] = set()
        #: Names of processes that ended though nobody had ended them.
        self.ended_by_themselves: list[str] = []
        self.relay = Relay()
        self._routes = {
            f"{kind}.{name}": self.relay.add(f"{kind}.{name}", server.port)
            for name in self.names
            for kind, server in (("postgres", postgres), ("redis", redis))
        }
        for name in self.names:
            self.switch(name, Switches())

    def start_process(self, name: str) -> None:
        kind, _, number = name.partition("-")
        python, safely, by_name, *command = self._command(kind, int(number or 0))
        self._killed.discard(name)
        planted = [
            python,
            safely,
            by_name,
            "bench.soak.planted",
            str(self._switches(name)),
            self._bug,
            *command,
        ]
        if name in self.processes:
            self._before.setdefault(name, []).extend(self.processes[name].lines)
        self.processes[name] = Process(planted, environment=self.environment | self._addresses(name))

    def close(self) -> None:
        for name in self.processes:
            self.kill(name)
        super().close()
        self.relay.close()

    # --- breaking and mending -----------------------------------------------------------------------------------------

    def switch(self, name: str, switches: Switches) -> None:
        switches.write(self._switches(name))

    def kill(self, name: str) -> None:
        """kill -9, with everything that it started."""
        self._killed.add(name)
        self._signal(name, signal.SIGKILL)
        self.processes[name].wait()

    def stop(self, name: str) -> None:
        self._signal(name, signal.SIGSTOP)

    def go_on(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    def keep_running(self) -> None:
        """Start again what has ended by itself, as a supervisor would, and remember that."""
        for name, process in list(self.processes.items()):
            if not process.is_running and name not in self._killed:
                self.ended_by_themselves.append(name)
                self.start_process(name)

    async def wait_answering(self, name: str) -> None:
        """Until a process that serves HTTP does so. Raises `TimeoutError`."""
        if name in ("worker", "beat"):
            return
        url = f"{self.door.http}/healthz" if name == "web" else self._realtime_http(self._port_of(name))
        deadline = time.monotonic() + START_S
        async with httpx.AsyncClient(timeout=5, verify=False) as client:
            while time.monotonic() < deadline:
                with suppress(httpx.HTTPError):
                    if (await client.get(url)).status_code == 200:
                        return
                await asyncio.sleep(0.1)
        raise TimeoutError(f"{name} did not come back:\n{self.processes[name].output}")

    def outputs(self) -> dict[str, str]:
        """Everything that each process has said, over its restarts."""
        return {
            name: "\n".join([*self._before.get(name, []), *process.lines])
            for name, process in self.processes.items()
        }

    # --- below --------------------------------------------------------------------------------------------------------

    def _signal(self, name: str, sign: signal.Signals) -> None:
        process = self.processes[name]
        if not process.is_running:
            return
        with suppress(FileNotFoundError, ProcessLookupError):
            # The first first: it would start its children anew.
            for pid in with_children(process.pid):
                os.kill(pid, sign)

    def _switches(self, name: str) -> Path:
        return self._folder / f"{name}.switches"

    def _port_of(self, name: str) -> int:
        return self._realtime_ports[int(name.partition("-")[2])]

    def _addresses(self, name: str) -> dict[str, str]:
        redis = f"redis://127.0.0.1:{self._routes[f'redis.{name}']}"
        postgres = f"postgres://postgres@127.0.0.1:{self._routes[f'postgres.{name}']}"
        return {
            "CLUSTR_DATABASE_URL": f"{postgres}/{self._database}",
            "CLUSTR_REDIS_URL": f"{redis}/0",
            "CLUSTR_CELERY_BROKER_URL": f"{redis}/1",
        }
