"""What browsers are told: nothing inline, nothing kept, nothing lent to other sites."""

import re
import secrets
import subprocess
import sys

import pytest
from django.test import Client

from tests.support.endpoints import address_of, endpoints
from tests.support.processes import ROOT, clean_environment
from tests.support.sweeping import pages
from tests.support.world import World

TEMPLATES = sorted(
    path
    for folder in ROOT.iterdir()
    if (folder / "templates").is_dir()
    for path in (folder / "templates").rglob("*")
    if path.is_file()
)
SCRIPTS = sorted(
    path
    for folder in ROOT.iterdir()
    if (folder / "static").is_dir()
    for path in folder.rglob("static/**/*.js")
)
#: What a browser would run or apply without asking our server for it.
INLINE = {
    "script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>{]*\sstyle=", re.IGNORECASE),
    "handler": re.compile(r"<[^>{]*\son[a-z]+=", re.IGNORECASE),
    "address": re.compile(r"javascript:", re.IGNORECASE),
    "foreign file": re.compile(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE
    ),
}
UNSAFE = re.compile(
    r"\beval\(|\bnew Function\(|\.innerHTML\s*=[^=]|\.outerHTML\s*=[^=]|insertAdjacentHTML\(|document\.write\("
)
pytestmark = pytest.mark.once


def test_no_template_has_anything_inline():
    found = {
        (str(path.relative_to(ROOT)), kind): match[0]
        for path in TEMPLATES
        for kind, pattern in INLINE.items()
        if (match := pattern.search(path.read_text(errors="replace")))
    }

    assert len(TEMPLATES) > 30
    assert not found


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("script", "<script>go()</script>"),
        ("style element", "<style>a{}</style>"),
        ("style attribute", '<p class="a" style="color:red">'),
        ("handler", '<a href="#" onclick="go()">'),
        ("foreign file", '<script src="https://cdn.example/x.js"></script>'),
    ],
)
def test_something_inline_would_be_seen(kind, text):
    assert INLINE[kind].search(text)


def test_no_script_makes_code_or_markup_of_words():
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in SCRIPTS
        if (match := UNSAFE.search(path.read_text()))
    }

    assert len(SCRIPTS) > 20
    assert not found


def test_the_policy_allows_no_inline_script_and_no_frame(db, client):
    policy = client.get("/sign-in/").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    for part in ("default-src 'self'", "object-src 'none'", "base-uri 'self'", "form-action 'self'"):
        assert part in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "path", ["/sign-in/", "/api/v1/me/", "/api/docs/", "/api/schema/", "/nothing/", "/healthz"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(db, client, path):
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "charset=utf-8" in headers["Content-Type"] or "json" in headers["Content-Type"] or "yaml" in path


def test_no_personal_answer_is_kept_by_a_browser(cast):
    """Every address that answers to somebody who is signed in, of the API and of the pages."""
    world = World(cast.musa).fill()
    browser = Client()
    browser.force_login(cast.musa.user)
    addresses = [address_of(one.path, world) for one in endpoints() if one.method == "get"]
    addresses += [address_of("/" + re.sub(r"<\w+:(\w+)>", r"{\1}", path), world) for path in pages()]
    addresses += [
        "/",
        "/settings/",
        "/_allauth/browser/v1/auth/session",
        "/_allauth/browser/v1/auth/sessions",
    ]
    kept = {}
    for address in addresses:
        answer = browser.get(address)
        if "no-store" not in answer.headers.get("Cache-Control", ""):
            kept[address] = answer.headers.get("Cache-Control")

    assert len(addresses) > 40
    assert not {address for address in kept if address != "/api/v1/asyncapi.json"}, kept


def test_the_rendered_documents_run_under_the_policy(db, client):
    """Swagger's page had its script inline, which the policy forbids: it stayed empty."""
    page = client.get("/api/docs/").content.decode()

    assert not any(pattern.search(page) for pattern in INLINE.values())
    (script,) = re.findall(r'<script src="(/api/docs/[^"]+)"', page)
    answer = client.get(script.replace("&amp;", "&"))
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in answer.content


PRODUCTION = {
    "CLUSTR_MODE": "production",
    "CLUSTR_SECRET_KEY": secrets.token_urlsafe(40),
    "CLUSTR_DATABASE_URL": "postgres://u:p@127.0.0.1:1/clustr",
    "CLUSTR_REDIS_URL": "redis://127.0.0.1:1/0",
    "CLUSTR_PUBLIC_URL": "https://estate.example",
}
SETTINGS = (
    "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE CSRF_COOKIE_SAMESITE "
    "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_DOMAIN SESSION_COOKIE_PATH SECURE_HSTS_SECONDS DEBUG "
    "SECURE_CONTENT_TYPE_NOSNIFF ALLOWED_HOSTS"
).split()


def in_production(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=clean_environment(DJANGO_SETTINGS_MODULE="clustr.settings", **PRODUCTION),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_cookies_and_transport_in_production():
    code = f"from django.conf import settings\nfor name in {SETTINGS!r}: print(name, repr(getattr(settings, name)))"
    found = dict(line.split(" ", 1) for line in in_production(code).splitlines())

    assert found["SESSION_COOKIE_SECURE"] == found["CSRF_COOKIE_SECURE"] == "True"
    assert found["SESSION_COOKIE_HTTPONLY"] == "True"
    assert found["SESSION_COOKIE_SAMESITE"] == found["CSRF_COOKIE_SAMESITE"] == "'Lax'"
    assert found["SESSION_COOKIE_NAME"] == "'__Host-sessionid'"
    assert found["CSRF_COOKIE_NAME"] == "'__Host-csrftoken'"
    # What the names' prefix asks for; else no browser takes the cookies.
    assert (found["SESSION_COOKIE_DOMAIN"], found["SESSION_COOKIE_PATH"]) == ("None", "'/'")
    assert int(found["SECURE_HSTS_SECONDS"]) >= 365 * 24 * 3600
    assert found["DEBUG"] == "False"
    assert "*" not in found["ALLOWED_HOSTS"]


def test_an_answer_in_production_says_that_there_is_tls_alone():
    code = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "answer = Client(HTTP_HOST='estate.example').get('/api/nothing', secure=True)\n"
        "print(answer.headers['Strict-Transport-Security'], answer.headers['Content-Security-Policy'])\n"
    )
    said = in_production(code)

    assert said.startswith("max-age=31536000")
    assert "wss://estate.example" in said
    assert "ws://" not in said.replace("wss://", "")


def test_djangos_own_list_for_deployment_has_nothing_new_to_say():
    """What it still says stands here with the reason."""
    done = subprocess.run(
        [sys.executable, "-P", "manage.py", "check", "--deploy"],
        env=clean_environment(**PRODUCTION),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    reasons = {
        "security.W005": "the host's other names are the operator's",
        "security.W008": "the proxy redirects; behind it all is plain",
        "security.W021": "preloading is the operator's to ask for",
    }
    assert set(re.findall(r"security\.W\d+", done.stderr)) <= set(reasons)
