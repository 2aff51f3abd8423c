"""The pages for programmers: every problem's address leads somewhere, and the live feed can be read."""

import re
from html import unescape

import pytest
from django.test import Client

from console.problems import catalogue
from console.templatetags.codes import codes
from core.errors import ClustrError, NotFound
from core.http.problems import TYPE_PREFIX
from estates.errors import PermissionMissing
from realtime.close_codes import CloseCode
from realtime.commands import commands
from realtime.specification.facts import product_facts
from tests.support.cast import Cast
from tests.support.pages import page

CODES = [heading for heading in page("docs/problems.md").headings if re.fullmatch(r"[a-z_]+", heading)]


@pytest.fixture
def html() -> str:
    answer = Client().get(TYPE_PREFIX.rstrip("#"))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize("code", CODES)
def test_the_type_of_every_problem_leads_to_its_heading(html: str, code: str) -> None:
    assert f'id="{code}"' in html


def test_a_heading_has_the_title_and_the_meaning(html: str) -> None:
    article = html.partition('id="permission_missing"')[2].partition("</article>")[0]

    assert PermissionMissing.title in article
    assert "403. Your roles in this estate do not allow this." in article
    assert "<code>permission</code> names what is missing." in article


def test_no_entry_is_without_a_meaning_and_none_is_lost() -> None:
    entries = [entry for group in catalogue() for entry in group.entries]

    assert [entry.code for entry in entries] == CODES
    assert all(entry.meaning and entry.title for entry in entries)
    titles = {entry.code: entry.title for entry in entries}
    for error in (ClustrError, NotFound, PermissionMissing):
        assert titles[error.code] == error.title


def test_the_type_of_an_answer_can_be_followed(cast: Cast) -> None:
    problem = cast.ada.api.get("/api/v1/estates/00000000-0000-0000-0000-000000000000/").json()
    address, _, code = problem["type"].partition("#")

    answer = Client().get(address)

    assert f'id="{code}"' in answer.content.decode()


def test_the_live_feed_can_be_read_by_people() -> None:
    answer = Client().get("/api/docs/realtime/")
    html = answer.content.decode()

    assert answer.status_code == 200
    assert "Content-Security-Policy" in answer
    for name in [*product_facts(), *commands]:
        assert f'id="{name}"' in html
    for code in CloseCode:
        assert code.name in html
    assert 'href="/api/v1/asyncapi.json"' in html
    assert "`" not in html, "code is shown as code"
    assert not re.search(r'(src|href)="https?:', html), "nothing comes from elsewhere"


def test_what_is_code_is_shown_as_code_and_nothing_becomes_markup() -> None:
    assert codes("say `<b>` & go") == "say <code>&lt;b&gt;</code> &amp; go"
