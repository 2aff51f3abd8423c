"""Stranger is manager of another estate. Whatever he tries here, nothing exists."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from core.errors import NotFound
from core.shapes import encode
from emergency.urls import urlpatterns
from estates.members import Member
from notifications.models import Delivery
from realtime.commands import commands, run_command
from realtime.topics import topics_of
from realtime.welcome import offered
from tests.emergency.test_contacts import add

BODIES = {
    "alerts": {"category": "fire"},
    "alert-resolve": {"outcome": "real", "report": "x"},
    "alert-respond": {"eta_s": 5},
    "alert-messages": {"text": "x"},
    "contacts": {"name": "M", "phone": "+447700900500"},
}
VIEWS: list[tuple[str, Any]] = [(str(pattern.name), pattern.callback) for pattern in urlpatterns]
METHODS = [(name, method) for name, view in VIEWS for method in view.view_class.permissions]


@pytest.fixture
def places(cast, scene):
    """An alert and a contact of Ada's, for every address."""
    return {
        "estate_id": cast.estate.pk,
        "alert_id": scene.press(countdown_s=0).id,
        "contact_id": add(cast.ada).json()["id"],
    }


def address(name, places):
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    return reverse(name, kwargs={key: places[key] for key in pattern.pattern.converters})


def call(person, method, url, name):
    body = BODIES.get(name, {}) if method == "POST" else None
    return getattr(person.api, method.lower())(url, body, format="json")


def test_no_estate(cast, places):
    for name, method in METHODS:
        answer = call(cast.stranger, method, address(name, places), name)
        assert (answer.status_code, answer.json()["code"]) == (404, "estate_not_found"), (name, method)


def test_no_foreign_id_in_ones_own_estate(cast, places):
    here = {**places, "estate_id": cast.other_estate.pk}
    for name, method in METHODS:
        if name not in ("alerts", "policies", "policies-preset", "contacts"):
            answer = call(cast.stranger, method, address(name, here), name)
            assert answer.status_code == 404, (name, method)
            assert answer.json()["code"] in ("alert_not_found", "contact_not_found")


def test_no_sign_in_no_answer(cast, places):
    from rest_framework.test import APIClient

    for name, method in METHODS:
        answer = getattr(APIClient(), method.lower())(address(name, places), {}, format="json")
        assert answer.status_code == 401, name


def test_no_lists_no_topics_no_welcome(cast, scene, places):
    scene.forward(61)
    lists = [cast.stranger.api.get(cast.stranger.url(path)).json() for path in ("alerts/", "contacts/")]
    assert [page["results"] for page in lists] == [[], []]
    assert not [topic for topic in topics_of(cast.stranger.member) if str(cast.estate.pk) in topic.name]
    assert offered("open_alerts", [cast.stranger.member]) == [[]]
    assert len(offered("open_alerts", [cast.gate.member])[0]) == 1
    assert not Delivery.objects.across_estates().filter(member_id=cast.stranger.id).exists()


def test_no_command(cast, places):
    for name in [name for name in commands if name.startswith("emergency.")]:
        data = {"id": str(places["alert_id"])}
        if name.endswith(".raise"):
            data = {"category": "fire", "id": str(uuid4()), "on_behalf_of": str(cast.ada.id)}
        if name.endswith(".resolve"):
            data |= {"outcome": "real", "report": "x"}
        if name.endswith(".post"):
            data |= {"text": "x"}
        with pytest.raises(NotFound) as error:
            run_command(name, encode(data), key=None, actor=cast.stranger.member)
        assert error.value.code in ("alert_not_found", "member_not_found"), name


def test_a_member_is_nobody_through_another_estates_door(cast, scene, places):
    """A service asked with the wrong estate refuses by itself, whatever door forgot to look."""
    from emergency import services

    stranger: Member = cast.stranger.member
    alert_id = places["alert_id"]
    asked = {"actor": stranger, "estate": cast.estate}
    for service in (
        services.acknowledge_alert,
        services.respond_to_alert,
        services.arrive_at_alert,
        services.cancel_alert,
        services.request_cancel,
        services.close_alert,
    ):
        with pytest.raises(NotFound):
            service(**asked, alert_id=alert_id)
