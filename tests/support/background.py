"""Background work in tests: run at once after the commit, or held back to be looked at."""

from dataclasses import dataclass, field
from typing import Any

from core.background import functions


@dataclass
class Background:
    """Stands where the broker would. `hold()` keeps what is enqueued, as if the worker were dead."""

    is_held: bool = False
    waiting: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def send(self, name: str, arguments: dict[str, Any]) -> None:
        if self.is_held:
            self.waiting.append((name, arguments))
        else:
            functions[name](**arguments)

    def hold(self) -> None:
        self.is_held = True

    def release(self) -> None:
        """The worker is back: run what waited."""
        self.is_held = False
        while self.waiting:
            name, arguments = self.waiting.pop(0)
            functions[name](**arguments)

    def lose(self) -> None:
        """The broker died with everything in it."""
        self.waiting.clear()


def run_task(name: str, **arguments: Any) -> None:
    """Run a task in place, as the worker would."""
    functions[name](**arguments)


__all__ = ["Background", "run_task"]
