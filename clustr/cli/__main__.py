"""`python -m clustr.cli COMMAND ...`: finds the command's module and turns refusals into one sentence."""

import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec

from clustr.cli.refusal import Refusal

COMMANDS = ("demo", "serve", "test", "manage", "bench", "realtime", "healthy")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        print(f"clustr: Use one of these commands: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 1
    try:
        run: Callable[[list[str]], int] = importlib.import_module(f"clustr.cli.{arguments[0]}").run
        return run(arguments[1:])
    except Refusal as refusal:
        print(f"clustr: {refusal}", file=sys.stderr, flush=True)
        return 1
    except ModuleNotFoundError as error:
        if error.name is None or _is_ours(error.name):
            raise
        print(
            f"clustr: The package {error.name} is missing from .venv: remove .venv and run bin/clustr again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130


def _is_ours(module: str) -> bool:
    """A typing error in the project's own imports is a bug and keeps its traceback."""
    top = module.partition(".")[0]
    return find_spec(top) is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
