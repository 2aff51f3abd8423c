"""Writes a table, so that a spreadsheet opens it without running what is in it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

from core.csv_text import csv_text, harmless

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Rows of one file that goes out.
MOST_ROWS: Final = 20_000


class FileKind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


FILE_TYPES: Final = {FileKind.CSV: CSV_TYPE, FileKind.XLSX: XLSX_TYPE}


def table_file(kind: FileKind, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A file of this kind."""
    return (csv_file if kind is FileKind.CSV else xlsx_file)(heads, rows)


def csv_file(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark."""
    return csv_text(heads, rows).encode()


def xlsx_file(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one sheet, its heads frozen. Rows go to disk as they come, so that memory stays flat.

    Text that begins like a formula begins with an apostrophe, as in CSV: the file may be saved as one.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def cell(value: Any) -> Any:
        return harmless(ILLEGAL_CHARACTERS_RE.sub("", value)) if isinstance(value, str) else value

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(list(heads))
    for row in rows:
        sheet.append([cell(value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
