"""Rows as comma-separated text that a spreadsheet can open without running what is in it."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

#: A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection").
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """RFC 4180 with a byte order mark, by which a spreadsheet knows that it is UTF-8. None is an empty cell."""
    text = StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return text.getvalue()


def harmless(value: Any) -> Any:
    """Text that begins like a formula with an apostrophe before it; anything else as it is."""
    if isinstance(value, str) and value.lstrip(" ").startswith(STARTS_FORMULA):
        return f"'{value}"
    return value
