"""How long a file of residents takes to be tried and brought in, and what memory the worker needs for it.

Each file has a process of its own, which does what the worker does. `peak_mb` is the most memory that it ever had;
`before_mb` the same just before, with the file in hand. Then the same file with twenty bad rows: each is named, and
nothing is written.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.estate import EstateProcess
from bench.measuring import machine
from bench.places import DATABASES, place
from bench.report import add_json_option, progress, table, write_json
from bench.servers import backend

COLUMNS = "database kind rows bad trial_s real_s before_mb peak_mb grown_mb created state".split()


def measure(database: str, rows: int, kind: str, bad: int) -> dict[str, Any]:
    progress(f"{rows} rows as {kind} on {database}, {bad} of them bad")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clustr-bench-")))
        servers = stack.enter_context(backend()) if database == "postgresql" else None
        environment = place("gunicorn", database, servers, folder).environment
        estate = stack.enter_context(EstateProcess(environment))
        estate.ask("seed", people=10, units=10)
        found = estate.ask("bring in", rows=rows, kind=kind, bad=bad)
    found["grown_mb"] = round(found["peak_mb"] - found["before_mb"], 1)
    for name in ("trial_s", "real_s"):
        if name in found:
            found[name] = round(found[name], 1)
    return {"database": database, "kind": kind, "rows": rows, "bad": bad, **found}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="clustr bench import", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 20_000])
    parser.add_argument("--kind", choices=("csv", "xlsx"), nargs="+", default=["csv", "xlsx"])
    parser.add_argument("--database", choices=DATABASES, nargs="+", default=["postgresql"])
    add_json_option(parser)
    options = parser.parse_args(arguments)
    found = [
        measure(database, rows, kind, 0)
        for database in options.database
        for kind in options.kind
        for rows in options.rows
    ]
    middle = sorted(options.rows)[len(options.rows) // 2]
    found += [measure(database, middle, "csv", 20) for database in options.database]
    print(table(found, COLUMNS))
    print(f"\nNamed: {', '.join(found[-1]['named'])}")
    write_json(options.json, {"bench": "import", "machine": machine(), "rows": found})


if __name__ == "__main__":
    main()
