"""`docs/security.md`: what it points to is there."""

import re

import pytest

from tests.support.processes import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text()
pytestmark = pytest.mark.once


def test_every_file_that_the_check_list_names_is_there():
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", TEXT))
    roots = {"tests", "core", "deploy", "docs", ".github", "clustr", "estates", "accounts"}
    files = {name for name in named if name.split("/")[0] in roots}

    assert len(files) > 25
    assert not {name for name in files if not (ROOT / name).exists()}


def test_every_chapter_that_applies_has_its_rows():
    chapters = [int(number) for number in re.findall(r"^### V(\d+) ", TEXT, re.MULTILINE)]

    # V10 (OAuth) and V17 (WebRTC) have no place here.
    assert chapters == [*range(1, 10), *range(11, 17)]
    for part in re.split(r"^### V\d+ ", TEXT, flags=re.MULTILINE)[1:]:
        assert part.count("\n| ") >= 3, part[:40]
