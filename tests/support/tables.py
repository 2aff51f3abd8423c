"""Tables to hand in."""

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from tests.support.cast import Person

PEOPLE = ("name", "phone", "email", "unit", "kind")
UNITS = ("block", "name", "latitude", "longitude")


def csv_of(heads: Sequence[str], *rows: Sequence[Any]) -> bytes:
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in (heads, *rows)).encode()


def xlsx_of(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(workbook: bytes, changes: dict[str, bytes]) -> bytes:
    """The same workbook with other parts."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, changes.get(part) or old.read(part))
    return out.getvalue()


def residents(numbers: Iterable[int], unit: str = "B-14") -> list[tuple[str, str, str, str, str]]:
    """Rows of people nobody can be: the country code 999 is given to no country."""
    return [
        (f"Resident {n}", "", f"resident.{n}@example.test", unit, "owner" if n % 2 else "tenant")
        for n in numbers
    ]


def hand_in(person: Person, name: str, content: bytes, *, file_name: str = "table.csv"):
    """The answer to a trial."""
    body = {"list": name, "file": SimpleUploadedFile(file_name, content)}
    return person.api.post(person.url("imports/"), body, format="multipart")


def bring_in(person: Person, import_id: str, **body: Any):
    return person.api.post(person.url(f"imports/{import_id}/apply/"), body, format="json")


def through(person: Person, name: str, content: bytes, **body: Any) -> dict[str, Any]:
    """Tried and brought in; the import as it then stands."""
    tried = hand_in(person, name, content)
    assert tried.status_code == 201, tried.content
    done = bring_in(person, tried.json()["id"], **body)
    assert done.status_code == 200, done.content
    return done.json()
