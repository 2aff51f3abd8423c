"""What goes wrong inside a process of ours, in a file that it looks at: its clock, and its commits."""

from dataclasses import asdict, dataclass
from json import dumps, loads
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Switches:
    """`clock_s`: seconds by which the process's clock is ahead. `failing_commits`: the share of units of work that
    fail at the last moment, when everything was written.
    """

    clock_s: float = 0.0
    failing_commits: float = 0.0

    def write(self, path: Path) -> None:
        """In one step: who reads it meanwhile gets the old or the new."""
        new = path.with_suffix(".new")
        new.write_text(dumps(asdict(self)))
        new.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Switches":
        return cls(**loads(path.read_text()))
