"""Something that fans events out to sockets: ours, or a peer."""

from abc import ABC, abstractmethod
from pathlib import Path

from bench.marks import marked
from bench.processes import SERVER_CORE, Program
from tests.support.ports import free_port

#: Characters of a peer's event: as much as a client reads of one of ours.
FRAME_BYTES = 570


class Contestant(ABC):
    """Started once in a run, with all its sockets; rounds of all contestants then alternate."""

    name: str
    #: What every event goes through, for the report.
    route: str
    path = "/"
    #: What the frame contains after which a socket hears everything; empty: it does so from the handshake on.
    ready = ""
    subprotocol = ""
    #: What a client sends now and then, so that it is not taken for dead.
    keepalive = ""

    def __init__(self, sockets: int, folder: Path) -> None:
        self.sockets = sockets
        self.folder = folder
        self.port = free_port()
        self._programs: list[Program] = []

    @classmethod
    def missing(cls) -> str | None:
        """What this machine lacks for it, None where it can run."""
        return None

    @abstractmethod
    def start(self) -> None: ...

    @property
    @abstractmethod
    def pids(self) -> list[int]:
        """The processes that serve the sockets: their CPU is measured."""

    def hello(self) -> Path:
        """A file with what a client says first, in the load client's words."""
        path = self.folder / f"{type(self).__name__}.hello"
        path.write_text("")
        return path

    def publish(self, first: int, count: int) -> None:
        """Send so many events at once. Does not wait for them to arrive."""
        self.send([marked(number, FRAME_BYTES) for number in range(first, first + count)])

    def send(self, texts: list[str]) -> None:
        raise NotImplementedError

    def settle(self) -> None:  # noqa: B027 (most have nothing to do)
        """Called after the events have arrived: whoever published may have something to say."""

    @property
    def output(self) -> str:
        """The last of what its processes said."""
        return "\n".join(program.output for program in self._programs)

    def close(self) -> None:
        for program in reversed(self._programs):
            program.__exit__()

    def run(self, command: list[str], *, core: int = SERVER_CORE, **environment: str) -> Program:
        """Start a process of the contestant's, which ends with it."""
        from tests.support.processes import clean_environment

        program = Program(command, core=core, environment=clean_environment(**environment))
        self._programs.append(program)
        return program
