"""Files that are not what they seem, or too much: refused in words, and nothing is kept of them."""

import zipfile
from io import BytesIO

import pytest

from backoffice.models import Import
from core.tables import reading
from tests.support.tables import UNITS, csv_of, hand_in, repacked, xlsx_of

GOOD = csv_of(UNITS, ("C", "C-01", "", ""))
WORKBOOK = xlsx_of(UNITS, ("C", "C-01", None, None))


def zipped(name: str, content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


def sheet(rows: bytes, head: bytes = b"") -> bytes:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = head + b'<worksheet xmlns="' + space + b'"><sheetData>' + rows + b"</sheetData></worksheet>"
    return repacked(WORKBOOK, {"xl/worksheets/sheet1.xml": xml})


HEADS = b"<row r='1'><c r='A1' t='str'><v>block</v></c><c r='B1' t='str'><v>name</v></c></row>"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'

REFUSED = {
    "empty": (b"", "table_empty"),
    "heads alone": (b"block,name\n", "table_empty"),
    "blank rows": (b"block,name\n,\n\n", "table_empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), "table_not_readable"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "table_not_readable"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "table_not_readable"),
    "Latin-1": ("block,name\nÉ,C-01\n".encode("latin-1"), "table_not_readable"),
    "UTF-16": ("block,name\nC,C-01\n".encode("utf-16"), "table_not_readable"),
    "a quote without its end": (b'block,name\n"C,C-01\n', "table_not_readable"),
    "a cell too many": (b"block,name\nC,C-01,x\n", "table_not_readable"),
    "prose": (b"Dear manager,\nplease add my house.\n", "columns_not_valid"),
    "a column missing": (b"block\nC\n", "columns_not_valid"),
    "a column unknown": (b"block,name,owner\nC,C-01,x\n", "columns_not_valid"),
    "a column twice": (b"block,name,name\nC,C-01,x\n", "columns_not_valid"),
    "a zip": (zipped("a.txt", b"x"), "table_not_readable"),
    "half a workbook": (WORKBOOK[: len(WORKBOOK) // 2], "table_not_readable"),
    "a workbook of no rows": (xlsx_of(), "table_empty"),
    "a broken sheet": (sheet(HEADS + b"<row"), "table_not_readable"),
    "entities": (sheet(HEADS, LAUGHS), "table_not_readable"),
    "the billionth row": (sheet(HEADS + b"<row r='1000000000'><c/></row>"), "table_too_large"),
    "10 MB": (GOOD + b"C,C-02,,\n" * 1_200_000, "table_too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_of_this_list_is_refused(cast, name):
    content, code = REFUSED[name]
    answer = hand_in(cast.musa, "units", content)
    assert (answer.status_code, answer.json()["code"]) == (413 if code == "table_too_large" else 400, code)
    assert answer.json()["errors"][0]["field"] == "file"
    assert not Import.objects.of(cast.estate).exists()


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked(cast, monkeypatch):
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1024 * 1024)
    bomb = sheet(HEADS + b" " * (2 * 1024 * 1024))
    assert len(bomb) < 20_000
    answer = hand_in(cast.musa, "units", bomb)
    assert (answer.status_code, answer.json()["code"]) == (413, "table_too_large")


def test_too_many_rows_are_refused_and_not_cut_off(cast, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    rows = [("C", f"C-{n}", "", "") for n in range(4)]
    assert hand_in(cast.musa, "units", csv_of(UNITS, *rows[:3])).status_code == 201
    for content in (csv_of(UNITS, *rows), xlsx_of(UNITS, *rows)):
        assert hand_in(cast.musa, "units", content).json()["code"] == "table_too_large"


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b",", b";"),
        GOOD.replace(b",", b"\t"),
        GOOD.replace(b"\n", b"\r\n"),
        b" Name ,BLOCK\nC-01,C\n",
        b'block,name\n"C","C-01"\n',
        WORKBOOK,
    ],
)
def test_the_ways_in_which_programs_write_a_table_are_all_read(cast, content):
    job = hand_in(cast.musa, "units", content, file_name="\x00../../units\n.csv").json()
    assert (job["created"], job["bad_rows"], job["file_name"]) == (1, 0, "units.csv")
