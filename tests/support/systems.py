"""ClustR in processes that a test may kill: embedded, or in production form on servers of the tests' own."""

import atexit
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx

from tests.support.doors import Doors
from tests.support.own_servers import OwnPostgres, OwnRedis
from tests.support.ports import free_port
from tests.support.processes import ROOT, Process, clean_environment
from tests.support.seeding import Town, read_towns

#: Seconds between heartbeats, as in real life: a test that is held up is not taken for a dead tablet.
HEARTBEAT_S = 10.0
KEY = "a-key-for-tests-that-is-long-enough-for-hs256"

#: A dozen processes are started on the same code: it is compiled once, whatever the machine's own settings say.
BYTECODE = tempfile.mkdtemp(prefix="clustr-tests-bytecode-")
atexit.register(shutil.rmtree, BYTECODE, ignore_errors=True)

_EVENTS = """
    SELECT s.name, e."offset", e.event_id FROM realtime_event e JOIN realtime_stream s ON s.id = e.stream_id
    WHERE s.name = '{topic}'
"""


class Address(Doors):
    """A way in. Sockets may be served elsewhere than REST."""

    def __init__(self, http_port: int, ws_port: int) -> None:
        self._http_port, self._ws_port = http_port, ws_port

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self._http_port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self._ws_port}/ws/v1/"


class System(ABC):
    """What the tests need of a running ClustR, and of its database behind its back."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = clean_environment(
            CLUSTR_SECRET_KEY=KEY,
            CLUSTR_HEARTBEAT_S=str(HEARTBEAT_S),
            CLUSTR_LOG_LEVEL="WARNING",
            # A town's traffic comes from one address, and from fewer people than would really send so much.
            CLUSTR_REQUESTS_PER_USER="0",
            CLUSTR_REQUESTS_PER_ADDRESS="0",
            PYTHONPYCACHEPREFIX=BYTECODE,
            PYTHONDONTWRITEBYTECODE="",
            **environment,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    @abstractmethod
    def door(self) -> Address:
        """A way in."""

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def close(self) -> None:
        """End every process, however."""

    @abstractmethod
    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the database."""

    def log(self, *topics: str) -> dict[str, dict[int, str]]:
        """What is committed in these topics: by topic and offset, the event's id."""
        found: dict[str, dict[int, str]] = defaultdict(dict)
        for topic in topics:
            for name, offset, event_id in self.rows(_EVENTS.format(topic=topic)):
                found[name][offset] = str(UUID(str(event_id)))
        return {topic: dict(found[topic]) for topic in topics}

    def heads(self, *topics: str) -> dict[str, int]:
        """Where these topics stand."""
        return {topic: max(offsets, default=0) for topic, offsets in self.log(*topics).items()}

    def run(self, *command: str) -> str:
        """Run a Python module or script of ours on the same settings and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-P", *command],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def broken_records(self) -> list[str]:
        """Where the estates' audit chains do not hold."""
        return self.run("-m", "tests.support.verifying").splitlines()


class Embedded(System):
    """One process on a data folder. `planted`: run it with a bug in it (`tests/faults/planted.py`)."""

    def __init__(self, data_dir: Path, *, planted: str | None = None, **environment: str) -> None:
        super().__init__({**environment, "CLUSTR_DATA_DIR": str(data_dir)})
        self._port = free_port()
        self._data_dir = data_dir
        self._planted = planted
        self._process: Process | None = None

    @property
    def door(self) -> Address:
        return Address(self._port, self._port)

    def start(self) -> None:
        runner = ["tests.faults.planted", self._planted] if self._planted else ["clustr.cli"]
        command = [sys.executable, "-P", "-m", *runner, "serve"]
        command += ["--port", str(self._port), "--data-dir", str(self._data_dir)]
        self._process = Process(command, environment=self.environment)
        self._process.expect("ClustR is ready")

    @property
    def process(self) -> Process:
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        """kill -9: it gets no chance to do anything."""
        self.process.stop(signal.SIGKILL)

    def close(self) -> None:
        if self._process is not None:
            self._process.__exit__()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        path = self._data_dir / "clustr.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(query).fetchall()


class Production(System):
    """web, two realtime processes, a worker for emergencies and the beat, started as docker-compose.yml starts them."""

    def __init__(self, postgres: OwnPostgres, redis: OwnRedis, database: str, **environment: str) -> None:
        self._web_port = free_port()
        self._realtime_ports = [free_port(), free_port()]
        self.postgres, self.redis = postgres, redis
        self._database = database
        self.processes: dict[str, Process] = {}
        super().__init__(
            {
                **environment,
                "CLUSTR_MODE": "production",
                "CLUSTR_DATABASE_URL": postgres.url(database),
                "CLUSTR_REDIS_URL": f"{redis.url}/0",
                "CLUSTR_CELERY_BROKER_URL": f"{redis.url}/1",
                "CLUSTR_PUBLIC_URL": f"http://127.0.0.1:{self._web_port}",
            }
        )

    @property
    def doors(self) -> list[Address]:
        """One for each realtime process; REST is the same."""
        return [Address(self._web_port, port) for port in self._realtime_ports]

    @property
    def door(self) -> Address:
        return self.doors[0]

    def start(self) -> None:
        for name in self.names:
            self.start_process(name)
        self.wait_ready()

    @property
    def names(self) -> list[str]:
        return [
            "web",
            *(f"realtime-{number}" for number in range(len(self._realtime_ports))),
            "worker",
            "beat",
        ]

    def start_process(self, name: str) -> None:
        kind, _, number = name.partition("-")
        self.processes[name] = Process(self._command(kind, int(number or 0)), environment=self.environment)

    def mend(self) -> None:
        """Start the servers where they do not run, and wait until everything of ours works again by itself."""
        self.postgres.start()
        self.redis.start()
        self.wait_ready()

    def wait_ready(self, *, timeout_s: float = 40) -> None:
        """Until every part says that it can work."""
        deadline = time.monotonic() + timeout_s
        waiting = [f"{self.door.http}/readyz", *(self._realtime_http(port) for port in self._realtime_ports)]
        answer = ""
        while waiting:
            for name, process in self.processes.items():
                assert process.is_running, f"{name} has ended:\n{process.output}"
            assert time.monotonic() < deadline, f"not ready: {answer}\n{self.output}"
            with suppress(httpx.HTTPError):
                response = httpx.get(waiting[0], timeout=5)
                answer = response.text
                if response.status_code == 200:
                    waiting.pop(0)
                    continue
            time.sleep(0.1)

    @property
    def output(self) -> str:
        """The last of what each process said."""
        return "\n".join(
            "\n".join([f"--- {name} (exit code {one.exit_code})", *one.lines[-40:]])
            for name, one in self.processes.items()
        )

    def close(self) -> None:
        for process in self.processes.values():
            process.__exit__()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.postgres.rows(self._database, query)

    @staticmethod
    def _realtime_http(port: int) -> str:
        return f"http://127.0.0.1:{port}/healthz"

    def _command(self, kind: str, number: int) -> list[str]:
        celery = [sys.executable, "-P", "-m", "celery", "-A", "clustr.celery:app"]
        match kind:
            case "web":
                gunicorn = [sys.executable, "-P", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
                here = ["--bind", f"127.0.0.1:{self._web_port}", "--workers", "1"]
                return [*gunicorn, *here, "clustr.wsgi:application"]
            case "realtime":
                port = str(self._realtime_ports[number])
                return [sys.executable, "-P", "-m", "clustr.cli", "realtime", "--port", port]
            case "worker":
                return [
                    *celery,
                    "worker",
                    "-Q",
                    "emergency",
                    "-n",
                    "emergency@%h",
                    "-P",
                    "threads",
                    "-c",
                    "8",
                ]
            case _:
                return [*celery, "beat", "-S", "celery.beat:Scheduler", "--pidfile", ""]


def seeded_folder(folder: Path, count: int) -> list[Town]:
    """Make a data folder with so many towns; copy it for each server that is to start on it."""
    folder.mkdir()
    return _seed(Embedded(folder), count)


def copy_of(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("clustr.lock"))
    return target


def _seed(system: System, count: int) -> list[Town]:
    return read_towns(system.run("-m", "tests.support.seeding", str(count)))


def seeded_database(postgres: OwnPostgres, redis: OwnRedis, name: str, count: int) -> list[Town]:
    """Make a database with so many towns."""
    postgres.create_database(name)
    return _seed(Production(postgres, redis, name), count)
