"""Every page: the right person sees it, a wrong role is refused, a stranger finds nothing, the signed-out sign in."""

from uuid import uuid4

import pytest
from django.test import Client

from console.urls import pages
from emergency import services
from emergency.events import Category
from emergency.shapes import RaiseAlert
from joining.services.codes import renew_join_code
from tests.console.conftest import Visitor
from tests.support.cast import Cast

PAGES = {
    "board": ({"gate", "sule", "chief", "musa"}, "board/"),
    "home": ({"ada", "bola", "gate", "sule", "chief", "musa", "kid", "worker", "accountant"}, "home/"),
    "neighbours": ({"ada", "bola"}, "neighbours/"),
    "desk-alerts": ({"gate", "sule", "chief", "musa"}, "desk/alerts/"),
    "desk-alert": ({"gate", "sule", "chief", "musa"}, "desk/alerts/{alert}/"),
    "desk-start": ({"musa"}, "desk/start/"),
    "desk-ladder": ({"gate", "sule", "chief", "musa"}, "desk/ladder/"),
    "desk-posts": ({"chief", "musa"}, "desk/posts/"),
    "desk-people": ({"chief", "musa", "accountant"}, "desk/people/"),
    "desk-person": ({"chief", "musa", "accountant"}, "desk/people/{member}/"),
    "desk-units": ({"chief", "musa", "accountant"}, "desk/units/"),
    "desk-unit": ({"chief", "musa", "accountant"}, "desk/units/{unit}/"),
    "household": ({"musa", "ada", "bola"}, "household/"),
    "desk-requests": ({"musa"}, "desk/requests/"),
    "desk-code-picture": ({"musa"}, "desk/requests/code.svg"),
    "desk-invitations": ({"musa"}, "desk/invitations/"),
    "desk-lists": ({"chief", "musa", "ada", "bola", "accountant"}, "desk/lists/"),
    "desk-audit": ({"chief", "musa", "ada", "bola", "accountant"}, "desk/record/"),
    "desk-keys": ({"musa"}, "desk/keys/"),
    "desk-support": ({"musa"}, "desk/support/"),
    "desk-roles": ({"chief", "musa"}, "desk/roles/"),
}
CAST = ["ada", "bola", "gate", "sule", "chief", "musa", "kid", "worker", "accountant"]
#: Of a person, whatever his estates.
PERSONAL = {
    "platform",
    "start",
    "join",
    "new-estate",
    "settings",
    "authenticator-code",
    "settings-profile",
    "settings-devices",
    "settings-notifications",
    "settings-privacy",
    "settings-data",
}
PUBLIC = {"answer", "invited", "manifest", "service-worker", "offline", "problems", "live-feed"}


@pytest.fixture
def alert_id(cast: Cast) -> str:
    # Without one there is nothing to draw a picture of.
    renew_join_code(actor=cast.musa.member, estate=cast.estate)
    return str(_raised(cast))


def _raised(cast: Cast):
    data = RaiseAlert(category=Category.FIRE, note="Smoke <b>everywhere</b>")
    return services.raise_alert(actor=cast.ada.member, estate=cast.estate, data=data).id


def _path(cast: Cast, page: str, alert_id: str) -> str:
    return f"/estates/{cast.estate.pk}/{PAGES[page][1].format(alert=alert_id, member=cast.ada.id, unit=cast.unit.pk)}"


def test_pages_open_for_those_who_may_and_are_refused_to_the_others(
    cast: Cast, as_: Visitor, alert_id: str
) -> None:
    clients = {name: as_(getattr(cast, name)) for name in CAST}
    for page, (allowed, _) in PAGES.items():
        path = _path(cast, page, alert_id)
        answers = {name: client.get(path).status_code for name, client in clients.items()}
        assert answers == {name: 200 if name in allowed else 403 for name in CAST}, page


def test_stranger_finds_nothing(cast: Cast, as_: Visitor, alert_id: str) -> None:
    stranger = as_(cast.stranger)
    for page in PAGES:
        answer = stranger.get(_path(cast, page, alert_id))
        assert answer.status_code == 404
        assert b"Palm Court" not in answer.content


def test_signed_out_goes_to_the_sign_in_and_comes_back(cast: Cast, alert_id: str) -> None:
    for page in PAGES:
        path = _path(cast, page, alert_id)
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={path}")


def test_pages_only_show(cast: Cast, as_: Visitor, alert_id: str) -> None:
    manager = as_(cast.musa)
    for page in PAGES:
        assert manager.post(_path(cast, page, alert_id)).status_code == 405


def test_every_page_of_an_estate_is_in_the_table_above() -> None:
    assert {pattern.name for pattern in pages} - PUBLIC - PERSONAL == set(PAGES)


def test_an_alert_of_another_estate_is_not_found_through_ones_own(
    cast: Cast, as_: Visitor, alert_id: str
) -> None:
    path = f"/estates/{cast.other_estate.pk}/desk/alerts/{alert_id}/"
    assert as_(cast.stranger).get(path).status_code == 404


def test_an_estate_that_does_not_exist_looks_like_one_of_somebody_else(cast: Cast, as_: Visitor) -> None:
    foreign = as_(cast.stranger).get(f"/estates/{cast.estate.pk}/board/")
    missing = as_(cast.stranger).get(f"/estates/{uuid4()}/board/")
    assert foreign.content.split(b"</head>")[1] == missing.content.split(b"</head>")[1]


def test_a_suspended_estate_and_an_ended_membership_open_nothing(cast: Cast, as_: Visitor) -> None:
    cast.bola.membership.status = "ended"
    cast.bola.membership.save()
    assert as_(cast.bola).get(f"/estates/{cast.estate.pk}/home/").status_code == 404
    cast.estate.is_suspended = True
    cast.estate.save()
    assert as_(cast.ada).get(f"/estates/{cast.estate.pk}/home/").status_code == 404
