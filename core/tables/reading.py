"""Reads a table row by row. What it is says its content: neither a name nor a sender's word is trusted."""

import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO, TextIOWrapper
from itertools import chain, islice
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import ParseError

from core.tables.errors import ColumnsNotValid, TableEmpty, TableNotReadable, TableTooLarge
from core.text import clean_text

#: Bytes of a file.
MOST_BYTES: Final = 5 * 1024 * 1024
#: Rows of a table, without its heads.
MOST_ROWS: Final = 20_000
#: The last row that is looked for: a sheet may claim that its next one is the billionth.
LAST_ROW: Final = 100_000
#: Columns that are looked at.
MOST_COLUMNS: Final = 50
#: Bytes that a workbook may unpack to. zipfile reads no more of a part than the workbook says here that it has.
MOST_UNPACKED: Final = 60 * 1024 * 1024

#: What the two kinds of file fail with when they are not what they seem.
_BROKEN = (
    csv.Error,
    UnicodeDecodeError,
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    # zipfile, of a compression or an encryption that it does not know.
    NotImplementedError,
    EOFError,
    OSError,
)
#: An apostrophe by which `core.csv_text` keeps a spreadsheet from running what follows.
_HELD_BACK = re.compile(r"'(?= *[=+\-@\t\r])")


class Line(NamedTuple):
    """`number`: as a spreadsheet counts, the heads are row 1. `cells`: text by column."""

    number: int
    cells: dict[str, str]


def read_table(raw: bytes, *, columns: Sequence[str], needed: Sequence[str]) -> Iterator[Line]:
    """The rows of CSV (UTF-8; commas, semicolons or tabs) or of an XLSX workbook's first sheet, without empty ones.

    `columns`: those that there may be, in any order; `needed`: those that there must be. Raises `TableNotReadable`,
    `TableTooLarge`, `TableEmpty`, `ColumnsNotValid`; while rows are taken, the first two.
    """
    if len(raw) > MOST_BYTES:
        raise TableTooLarge(f"A file may have at most {MOST_BYTES // 1024 // 1024} MiB.", field="file")
    rows = _guarded(_workbook if raw.startswith(b"PK\x03\x04") else _text, raw)
    heads = _heads(next(rows, (0, []))[1], columns, needed)
    lines = _lines(rows, heads)
    first = next(lines, None)
    if first is None:
        raise TableEmpty(field="file")
    return chain([first], lines)


def _lines(rows: Iterator[tuple[int, list[str]]], heads: list[str]) -> Iterator[Line]:
    for count, (number, cells) in enumerate((row for row in rows if any(row[1])), start=1):
        if count > MOST_ROWS:
            raise TableTooLarge(f"A table may have at most {MOST_ROWS} rows. Split it.", field="file")
        if any(cells[len(heads) :]):
            raise TableNotReadable(f"Row {number} has more cells than there are columns.", field="file")
        yield Line(number, dict(zip(heads, cells + [""] * (len(heads) - len(cells)), strict=False)))


def _heads(given: list[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    heads = [head.lower() for head in given]
    while heads and not heads[-1]:
        heads.pop()
    if not heads:
        raise TableEmpty(field="file")
    wrong = [
        *(f"There is no column “{head[:40]}”." for head in dict.fromkeys(heads) if head not in columns),
        *(f"The column “{head[:40]}” is missing." for head in needed if head not in heads),
        *(f"The column “{head[:40]}” stands there twice." for head in columns if heads.count(head) > 1),
    ]
    if wrong:
        said = " ".join(wrong[:10])
        raise ColumnsNotValid(f"{said} The first row must have: {', '.join(columns)}.", field="file")
    return heads


def _guarded(
    read: Callable[[bytes], Iterator[tuple[int, list[str]]]], raw: bytes
) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from read(raw)
    except _BROKEN as error:
        raise TableNotReadable(_reason(error), field="file") from None


def _reason(error: BaseException) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "This is not UTF-8. Save the table as “CSV UTF-8” or as XLSX."
    return "This cannot be read as a table. Save it as “CSV UTF-8” or as XLSX."


def _text(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    if b"\x00" in raw[:4096]:
        raise csv.Error("binary")
    with TextIOWrapper(BytesIO(raw), encoding="utf-8-sig", newline="") as text:
        first = text.readline()
        text.seek(0)
        separator = max(",;\t", key=first.count)
        for number, row in enumerate(csv.reader(text, delimiter=separator, strict=True), start=1):
            yield number, [_words(cell) for cell in row[: MOST_COLUMNS + 1]]


def _workbook(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    # Here, because it takes a fifth of a second and few processes ever read one.
    from openpyxl import load_workbook

    with zipfile.ZipFile(BytesIO(raw)) as package:
        if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
            raise TableTooLarge("This workbook unpacks to more than a table could be.", field="file")
    # Without the values that formulas had when it was saved: a formula is refused where it stands.
    book = load_workbook(BytesIO(raw), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        # What the sheet says about its own size may be wrong; without it, each row is as long as it is.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        for number, row in enumerate(rows, start=1):
            if number > LAST_ROW:
                raise TableTooLarge("This sheet goes on too far down. Move its rows up.", field="file")
            if any(cell is not None for cell in row):
                yield number, [_words(_said(cell)) for cell in row]
    finally:
        book.close()


def _said(cell: Any) -> str:
    """A cell's value as a person would type it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        # A telephone number that a spreadsheet took for a sum.
        return str(int(cell))
    if isinstance(cell, str | int | float):
        return str(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return "=formula"


def _words(cell: str) -> str:
    return _HELD_BACK.sub("", clean_text(cell), count=1)


def count_rows(rows: Iterator[Line], *, to: int) -> int:
    """How many there are, as far as `to`."""
    return sum(1 for _ in islice(rows, to))
