"""A PostgreSQL and a Redis of the tests' own, on other ports and in temporary folders: these may be stopped and broken.

The machine's own servers are never touched.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psycopg
from redis import Redis, RedisError

from tests.support.ports import free_port
from tests.support.processes import leashed

START_S = 30.0


class OwnServer(ABC):
    """A server process that keeps its port and its folder over restarts."""

    def __init__(self) -> None:
        # Not pytest's own: PostgreSQL's user may not pass through that.
        self.folder = Path(tempfile.mkdtemp(prefix="clustr-server-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._silence: socket.socket | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, where it does not run, and wait until it answers."""
        self.launch()
        _wait_until(self.answers, (self.folder / "output").read_text)

    async def start_soon(self) -> None:
        """The same, while the event loop goes on."""
        # Here and not in a thread: the leash holds on to the thread that starts the process.
        self.launch()
        await asyncio.to_thread(self.start)

    def launch(self) -> None:
        """Start it without waiting for it."""
        if self._process is not None:
            self.go_on()
            return
        if self._silence is not None:
            self._silence.close()
            self._silence = None
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                leashed(self.command()),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """Stop it, where it runs, and wait for its end."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(sign)
        self._process.wait(START_S)
        self._process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def pause(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def fall_silent(self) -> None:
        """It ends, and whoever connects again gets a connection and no answer: the worst way of being down."""
        self.stop()
        self._silence = socket.socket()
        self._silence.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._silence.bind(("127.0.0.1", self.port))
        self._silence.listen(500)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def answers(self) -> bool: ...


class OwnRedis(OwnServer):
    """Keeps nothing over a restart, as in production."""

    def command(self) -> list[str]:
        program = shutil.which("redis-server") or "valkey-server"
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "no",
            "dir": str(self.folder),
        }
        return [program, *(part for name, value in options.items() for part in (f"--{name}", value))]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self, database: int = 0) -> Redis:
        return Redis.from_url(f"{self.url}/{database}", socket_connect_timeout=2, socket_timeout=5)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False


class OwnPostgres(OwnServer):
    """Refuses to run as root, so that it gets a user without rights where the tests have all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._programs = _postgres_programs()
        self._data = self.folder / "data"
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            user = _unprivileged()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            # A change of user takes the leash off.
            self._as_user.append("--pdeathsig=KILL")

    def launch(self) -> None:
        if not self._data.exists():
            self._init()
        # A server that was killed leaves its pid behind; the pid may be somebody else's by now.
        if self._process is None:
            (self._data / "postmaster.pid").unlink(missing_ok=True)
        super().launch()

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """INT is its fast shutdown: it ends the connections."""
        super().stop(sign)

    def kill(self) -> None:
        # KILL would leave its children and their shared memory behind; QUIT ends it at once, without a checkpoint.
        super().stop(signal.SIGQUIT)

    def command(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            # What is lost with the machine's power does not matter here; a killed server loses nothing without it.
            "fsync": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*self._as_user, str(self._programs / "postgres"), "-D", str(self._data), *options]

    def url(self, database: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.Error:
            return False

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Returns its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def rows(self, database: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), connect_timeout=5) as connection:
            return connection.execute(query, values).fetchall()

    def _init(self) -> None:
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*self._as_user, *command], cwd="/", check=True, stdout=subprocess.DEVNULL)


def _wait_until(answers: Callable[[], bool], output: Callable[[], str]) -> None:
    deadline = time.monotonic() + START_S
    while not answers():
        assert time.monotonic() < deadline, f"the server did not start:\n{output()}"
        time.sleep(0.05)


def _postgres_programs() -> Path:
    """The folder with `initdb` and `postgres`: Debian keeps them off the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if installed:
        return installed[-1].parent
    found = shutil.which("initdb")
    assert found, "no PostgreSQL server on this machine"
    return Path(found).resolve().parent


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
