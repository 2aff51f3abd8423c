"""The client library's parts, tested inside the browser they run in."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clustr_client.twins import PATHS, twin_of
from tests.browser.people import Town

FOLDER = Path(__file__).parent / "units"
TOOLS = (FOLDER / "tools.js").read_text(encoding="utf-8")
PARTS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js")) if path.stem != "tools"]
NAMES = re.findall(r'^  test\("([^"]+)"', "\n".join(PARTS), re.MULTILINE)


@pytest.fixture(scope="package")
def found(town: Town, browser: Browser) -> dict[str, str | None]:
    page = browser.new_page(base_url=town.base_url)
    page.goto("/offline/")
    results: list[list[str | None]] = page.evaluate(
        f"(({TOOLS})([{', '.join(f'({part})' for part in PARTS)}]))"
    )
    page.close()
    return {str(name): error for name, error in results}


@pytest.mark.parametrize("name", NAMES)
def test_that(name: str, found: dict[str, str | None]) -> None:
    assert found[name] is None, found[name]


def test_every_unit_test_has_been_run(found: dict[str, str | None]) -> None:
    assert sorted(found) == sorted(NAMES)


def test_both_libraries_send_a_command_to_the_same_place_by_rest(town: Town, browser: Browser) -> None:
    data = {"id": "415f14f5-14dd-4a2d-b8a1-730e46843c62", "more": 1}
    page = browser.new_page(base_url=town.base_url)
    page.goto("/offline/")
    theirs = page.evaluate(
        """async ([names, data]) => {
          const { resource } = await import("/static/console/commands.js");
          return names.map((name) => resource(name, data));
        }""",
        [list(PATHS), data],
    )
    page.close()

    twins = [twin_of(name, data) for name in PATHS]
    assert theirs == [{"path": twin.path, "body": dict(twin.body)} for twin in twins if twin is not None]
