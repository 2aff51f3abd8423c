"""What makes the pages an app: manifest, service worker, files, weight."""

import json
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from console.shell import FILES, shell_urls, shell_version
from tests.console.conftest import Visitor
from tests.support.cast import Cast

LARGEST = 150 * 1024


def test_the_manifest_makes_it_installable() -> None:
    answer = Client().get("/manifest.webmanifest")
    manifest = json.loads(answer.content)
    assert answer["Content-Type"] == "application/manifest+json"
    assert {"name", "short_name", "start_url", "display", "theme_color", "background_color"} <= set(manifest)
    assert {(icon["sizes"], icon.get("purpose")) for icon in manifest["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


def test_the_worker_stands_at_the_root_and_is_never_old() -> None:
    answer = Client().get("/service-worker.js")
    source = answer.content.decode()
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]
    assert f'const VERSION = "{shell_version()}"' in source
    assert '"/offline/"' in source


def test_everything_in_the_shell_exists() -> None:
    names = [url.removeprefix("/static/") for url in shell_urls() if url.startswith("/static/")]
    assert [name for name in names if finders.find(name) is None] == []
    assert "console/service-worker.js" not in names
    assert "console/clustr.js" in names


def test_every_module_that_is_imported_exists() -> None:
    for path in FILES.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8")):
            assert (FILES / name).is_file(), f"{path.name} imports {name}"


def test_the_offline_page_is_for_everybody() -> None:
    page = Client().get("/offline/").content.decode()
    assert "No network" in page
    assert "tel:112" in page
    assert "csrf-token" not in page


def test_pages_carry_the_version_of_their_scripts(cast: Cast, as_: Visitor) -> None:
    assert as_(cast.ada).get(f"/estates/{cast.estate.pk}/home/")["X-ClustR-Shell"] == shell_version()


def test_no_page_is_heavier_than_a_cheap_phone_can_bear(cast: Cast, as_: Visitor) -> None:
    for person, path in [(cast.gate, "board/"), (cast.ada, "home/"), (cast.musa, "desk/alerts/")]:
        html = as_(person).get(f"/estates/{cast.estate.pk}/{path}").content.decode()
        named = re.findall(r'(?:src|href)="/static/console/([\w.-]+\.(?:js|css))"', html)
        weight = sum((FILES / name).stat().st_size for name in _with_imports(named))
        assert weight < LARGEST, f"{path} weighs {weight}"


def _with_imports(names: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            text = Path(FILES / name).read_text(encoding="utf-8")
            waiting += re.findall(r'from "\./([^"]+)"', text)
    return found
