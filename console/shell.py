"""The shell: the files that make the pages an app on the device, and the version that tells an old one from a new."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

FILES = Path(__file__).resolve().parent / "static" / "console"
WORKER = FILES / "service-worker.js"
KINDS = {".js", ".css", ".svg", ".png"}


def csrf_cookie(request: HttpRequest) -> dict[str, str]:
    """For every template: the cookie from which scripts read the token."""
    return {"csrf_cookie": settings.CSRF_COOKIE_NAME}


def shell_urls() -> list[str]:
    """Every script, style and icon of the pages, by each name under which a browser asks for it."""
    paths = [path for path in _files() if path != WORKER]
    hashed = [static(_name(path)) for path in paths]
    # Pages name a file by its hashed name where there is one; a module names its sibling by the plain one.
    root = static(_name(FILES / "base.css")).partition("console/")[0]
    plain = [f"{root}{_name(path)}" for path in paths if path.suffix == ".js"]
    return sorted({reverse("console:offline"), *hashed, *plain})


def shell_version() -> str:
    """Another one whenever a file of the shell is."""
    return _digest(max(path.stat().st_mtime_ns for path in _files()))


def _name(path: Path) -> str:
    return f"console/{path.relative_to(FILES).as_posix()}"


def _files() -> list[Path]:
    return sorted(path for path in FILES.rglob("*") if path.suffix in KINDS)


@lru_cache(maxsize=1)
def _digest(changed_at: int) -> str:
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
