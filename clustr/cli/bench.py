"""`clustr bench NAME ...`: runs a module of bench/suites/; without a name, lists them."""

import ast
import runpy
import signal
import sys

from clustr.cli.data_dir import ROOT
from clustr.cli.refusal import Refusal


def run(arguments: list[str]) -> int:
    known = _benches()
    if not arguments or arguments[0] in ("-h", "--help"):
        print("Usage: clustr bench NAME [options]\n")
        print("\n".join(f"  {name:<12} {about}" for name, about in known.items()) or "  (there is none yet)")
        return 0
    name, *rest = arguments
    if name not in known:
        raise Refusal(f"There is no benchmark {name!r}: use one of {', '.join(known) or '(none yet)'}.")
    # TERM ends a bench as Ctrl-C does: with its clean-up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.argv = [f"clustr bench {name}", *rest]
    # The client library is a project of its own, in this repository.
    sys.path.append(str(ROOT / "clients" / "python"))
    runpy.run_module(f"bench.suites.{name}", run_name="__main__", alter_sys=True)
    return 0


def _benches() -> dict[str, str]:
    """Name and first line of every bench, read without importing it."""
    files = sorted((ROOT / "bench" / "suites").glob("[a-z]*.py"))
    return {
        path.stem: (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0] for path in files
    }
