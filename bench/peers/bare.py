"""The limit: a server in C that does one write() for each socket and event, and nothing else."""

from bench.contestant import Contestant
from bench.load import compiled


class Bare(Contestant):
    name = "one write() per frame, C"
    route = "pipe, one write() per socket"

    def start(self) -> None:
        self.run([str(compiled("write_per_frame")), str(self.port)]).expect("ready")

    @property
    def pids(self) -> list[int]:
        return [self._programs[0].pid]

    def send(self, texts: list[str]) -> None:
        self._programs[0].say("\n".join(texts))
