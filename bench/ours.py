"""ClustR's realtime process, as production runs it."""

import sys
from pathlib import Path

from bench.contestant import Contestant
from bench.processes import SERVER_CORE, Program
from bench.servers import Backend
from bench.town import Town

#: What the first frame of a live socket contains.
WELCOME = '"type":"welcome"'
PING = '{"type":"ping"}'
PATH = "/ws/v1/"


def start_realtime(backend: Backend, port: int) -> Program:
    """One realtime process on the server's core, accepting."""
    command = [sys.executable, "-P", "-m", "clustr.cli", "realtime", "--port", str(port)]
    program = Program(command, core=SERVER_CORE, environment=backend.environment("realtime"))
    program.expect("ClustR realtime is ready")
    return program


class Ours(Contestant):
    """One member a socket; events are published by another process, in a unit of work each burst."""

    name = "clustr"
    route = "unit of work on PostgreSQL, Redis pub/sub, hub, session, socket"
    path = PATH
    ready = WELCOME
    keepalive = PING

    def __init__(self, sockets: int, folder: Path, backend: Backend, town: Town) -> None:
        super().__init__(sockets, folder)
        self._backend, self._town = backend, town

    def start(self) -> None:
        self._programs.append(start_realtime(self._backend, self.port))

    @property
    def pids(self) -> list[int]:
        return [self._programs[0].pid]

    def hello(self) -> Path:
        path = self.folder / "clustr.hello"
        self._town.mint(path)
        return path

    def publish(self, first: int, count: int) -> None:
        self._town.publish(first, count)

    def settle(self) -> None:
        self._town.wait()
