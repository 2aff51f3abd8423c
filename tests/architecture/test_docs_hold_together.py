"""What the documentation points to is there: links, commands, files, settings; and what it lets one run, runs."""

import re
import runpy

import pytest
import yaml
from django.core.management import get_commands

from clustr.cli.__main__ import COMMANDS
from clustr.env import SECRETS, Environment
from tests.support.pages import ROOT, every_page, page

pytestmark = pytest.mark.once

LAUNCHER = runpy.run_path(str(ROOT / "bin/clustr"), run_name="launcher")
PAGES = every_page()
IDS = [one.name for one in PAGES]
#: Folders whose files the pages may name.
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"var", "site", "secrets"}


@pytest.mark.parametrize("one", PAGES, ids=IDS)
def test_every_relative_link_leads_somewhere(one):
    for link in one.links:
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        path = (one.path.parent / target).resolve() if target else one.path
        assert path.is_file(), f"{one.name}: {link}"
        if anchor:
            assert anchor in page(str(path.relative_to(ROOT))).anchors, f"{one.name}: {link}"


@pytest.mark.parametrize("one", PAGES, ids=IDS)
def test_every_command_of_the_launcher_exists(one):
    for command in re.findall(r"bin/clustr ([a-z]+)", one.text):
        assert command in dict(LAUNCHER["COMMANDS"]), f"{one.name}: bin/clustr {command}"
    for command in re.findall(r"clustr\.cli ([a-z]+)", one.text):
        assert command in COMMANDS, f"{one.name}: {command}"
    for command in re.findall(r"(?:clustr manage|manage\.py) ([a-z_]+)", one.text):
        assert command in get_commands(), f"{one.name}: manage {command}"


def test_the_readme_names_every_command_that_a_newcomer_needs():
    named = re.findall(r"^bin/clustr (\w+)$", page("README.md").text, re.MULTILINE)

    assert named == ["demo", "test"]


@pytest.mark.parametrize("one", PAGES, ids=IDS)
def test_every_file_that_is_named_exists(one):
    for code in one.codes:
        path = code.removeprefix("./")
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", path) and path.split("/")[0] in FOLDERS and "/" in path:
            assert (ROOT / path).exists(), f"{one.name}: {code}"


#: Where settings of the tests alone are read.
TEST_SETTINGS = ("clustr/cli/legs.py", "clustr/cli/test.py", "tests/contract/test_openapi.py")


@pytest.mark.parametrize("one", PAGES, ids=IDS)
def test_every_setting_that_is_named_exists(one):
    fields = {name.upper() for name in Environment.__struct_fields__}
    files = {f"{name.upper()}_FILE" for name in SECRETS}
    tests = set(
        re.findall(
            r"CLUSTR_(TEST_\w+)",
            "".join((ROOT / name).read_text() for name in TEST_SETTINGS),
        )
    )
    for name in re.findall(r"CLUSTR_([A-Z_]*[A-Z])\b", one.text):
        assert name in fields | files | tests, f"{one.name}: CLUSTR_{name}"


def test_every_page_stands_in_the_sites_menu():
    def files(entry):
        if isinstance(entry, str):
            yield entry
        else:
            for value in entry.values() if isinstance(entry, dict) else entry:
                yield from files(value)

    menu = list(files(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))

    assert len(menu) == len(set(menu))
    assert {f"docs/{name}" for name in menu} == {one.name for one in PAGES if one.name.startswith("docs/")}


def test_every_page_that_the_code_points_to_exists():
    sources = [
        path
        for folder in sorted(FOLDERS)
        if not folder.startswith(".") and folder not in ("docs", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".js", ".html", ".toml") and path.is_file()
    ]
    for path in [*sources, ROOT / "pyproject.toml", ROOT / "docker-compose.yml", ROOT / "Dockerfile"]:
        for target in re.findall(r"(?<![\w./:])docs/[\w/-]+(?:\.md)?", path.read_text(encoding="utf-8")):
            found = (ROOT / target).exists() or list(ROOT.glob(f"{target.rstrip('/')}*.md"))
            assert found, f"{path.relative_to(ROOT)}: {target}"


def test_the_first_estate_of_the_deployment_page_can_be_made(transactional_db):
    from estates.models import Membership

    (snippet,) = page("docs/deployment.md").blocks("python")

    exec(snippet, {})

    (musa,) = Membership.objects.across_estates().select_related("user", "estate")
    assert (musa.user.name, musa.estate.name) == ("Musa Ibrahim", "Palm Court")
    assert musa.user.check_password("choose-a-long-one")


def test_the_snippets_of_the_runbook_run(cast, capsys):
    for snippet in page("docs/runbook.md").blocks("python"):
        exec(snippet, {})

    assert capsys.readouterr().out == "", "the audit chain of the cast holds"
