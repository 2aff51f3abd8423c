"""Every error code is explained on the page that its problem's `type` names."""

import importlib
import json
import pkgutil
import re
import tomllib

import pytest
from rest_framework.exceptions import APIException

from core.errors import ClustrError
from core.http.problems import TYPE_PREFIX
from tests.support.pages import ROOT, page

pytestmark = pytest.mark.once

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["importlinter"]["root_packages"]
PROBLEMS = page("docs/problems.md")


def subclasses(family):
    for one in family.__subclasses__():
        yield one
        yield from subclasses(one)


def import_everything():
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def codes_of_frames():
    """Codes that are written into `error` frames by hand."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "realtime").glob("*.py"))
    by_hand = re.findall(r"""\bError\([^()]*?code="(\w+)\"""", sources)
    refusals = re.findall(r"""_refuse\(\s*connection,\s*CloseCode\.\w+,\s*"(\w+)\"""", sources)
    assert "bad_frame" in refusals, "the pattern does not fit any more"
    return {*by_hand, *refusals}


def test_every_error_code_has_its_heading_and_no_other_has_one():
    import_everything()
    ours = {
        error.code: error for error in subclasses(ClustrError) if error.__module__.split(".")[0] in PACKAGES
    }
    framework = {
        error.default_code: error
        for error in (APIException, *subclasses(APIException))
        if error.__module__ == "rest_framework.exceptions"
    }
    documented = [heading for heading in PROBLEMS.headings if re.fullmatch(r"[a-z_]+", heading)]

    assert len(documented) == len(set(documented))
    assert set(documented) == {*ours, *framework, *codes_of_frames()}
    for code in ours:
        assert PROBLEMS.section(code).strip().startswith(str(ours[code].status)), code
        assert ("temporary" in PROBLEMS.section(code)) == ours[code].temporary, code


def test_a_problems_type_names_the_page_and_its_heading():
    """With MkDocs' directory addresses, docs/problems.md becomes /problems/ below wherever the site is served."""
    assert TYPE_PREFIX == "/docs/problems/#"
    assert TYPE_PREFIX in PROBLEMS.text
    (example,) = PROBLEMS.blocks("json")
    assert json.loads(example)["type"] == TYPE_PREFIX + json.loads(example)["code"]
