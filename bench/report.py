"""What a bench says: progress on stderr, a table on stdout, JSON into a file."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_began = time.monotonic()


def progress(text: str) -> None:
    print(f"[{time.monotonic() - _began:6.1f} s] {text}", file=sys.stderr, flush=True)


def add_json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures into FILE")


def write_json(path: Path | None, figures: dict[str, Any]) -> None:
    if path is not None:
        path.write_text(json.dumps(figures, indent=2) + "\n")
        progress(f"written to {path}")


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """The rows' columns as Markdown, so that it can stand in docs/performance.md as it is."""
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [max(len(line[at]) for line in [list(columns), *cells]) for at in range(len(columns))]
    first, *others = widths
    lines = [
        _line(list(columns), widths),
        f"|{'-' * (first + 2)}|" + "".join("-" * (width + 1) + ":|" for width in others),
    ]
    return "\n".join([*lines, *(_line(line, widths) for line in cells)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if at else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join([first, *others])} |"


def listing(figures: dict[str, Any]) -> str:
    """One figure a line."""
    width = max(map(len, figures))
    return "\n".join(f"{name:<{width}}  {_cell(value)}" for name, value in figures.items())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return str(value)
