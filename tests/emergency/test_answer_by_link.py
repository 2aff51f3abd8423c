"""The link in a responder's text: one tap, nobody signs in, and it is good for nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.actors import SYSTEM
from core.clock import now
from core.unit_of_work import unit_of_work
from emergency.links import LinkNotValid, delivery_behind, token_of
from emergency.models import Alert, Responder, TimelineEntry
from estates.models import Estate, Role
from estates.permissions import RoleKey
from estates.services.people import end_membership, revoke_role
from notifications.models import Delivery
from notifications.services import Recipient, intend
from tests.emergency.conftest import in_threads


def text_to(person, alert_id):
    """The newest text about the alert that went to this person."""
    texts = Delivery.objects.across_estates().filter(subject_id=alert_id, channel="sms", member_id=person.id)
    return texts.order_by("-intended_at").first()


def link_in(text):
    """The address as the phone shows it, without the host."""
    (address,) = [word for word in text.body.split() if word.startswith("http")]
    return address.removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def phone():
    """A browser in which nobody is signed in, and which would notice a missing CSRF token."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def alert(scene):
    """An intrusion at Ada's, which the guards hear of by text."""
    return scene.press(category="intrusion", note="Back door")


def test_one_tap_says_i_have_it_and_stops_the_ladder(cast, scene, alert, phone):
    link = link_in(text_to(cast.gate, alert.id))

    shown = phone.get(link)
    answer = phone.post(link)

    assert shown.status_code == 200
    for words in (
        "Intrusion",
        "B-14, B",
        "Ada Obi",
        "Back door",
        "I HAVE IT",
        "You answer as Gate Musa",
        "nobody yet",
    ):
        assert words in shown.content.decode()
    assert (answer.status_code, answer.headers["Location"]) == (302, link)
    row = scene.alert(alert.id)
    assert (row.state, row.acknowledged_by_id) == ("acknowledged", cast.gate.id)
    assert "emergency.alert.acknowledged" in scene.lane()
    entry = TimelineEntry.objects.of(cast.estate).get(alert=row, kind="acknowledged")
    assert (entry.text, entry.data["way"]) == ("Gate Musa has it, by the link he was sent.", "link")
    before = len(scene.texts(alert.id))
    scene.forward(200)
    assert len(scene.texts(alert.id)) == before


def test_his_deliveries_count_as_acknowledged(cast, alert, phone):
    text = text_to(cast.gate, alert.id)
    phone.post(link_in(text))
    text.refresh_from_db()
    assert text.state == "acknowledged"


def test_looking_changes_nothing(cast, scene, alert, phone):
    """Phones and mail programs open links before people do."""
    link = link_in(text_to(cast.gate, alert.id))
    assert phone.head(link).status_code == 200
    assert phone.get(link).status_code == 200
    assert scene.alert(alert.id).state == "active"


def test_a_used_link_says_so_and_nothing_more(cast, scene, alert, phone):
    link = link_in(text_to(cast.gate, alert.id))
    phone.post(link)
    again = phone.post(link)
    page = phone.get(link).content.decode()

    assert again.status_code == 302
    assert "You have it, Gate Musa" in page
    assert "used up" in page
    assert not any(words in page for words in ("B-14", "Ada", "Back door", "I HAVE IT"))
    assert Responder.objects.of(cast.estate).filter(alert_id=alert.id).count() == 1
    assert scene.lane().count("emergency.alert.acknowledged") == 1


def test_taken_in_the_app_the_link_is_used_too(cast, scene, alert, phone):
    link = link_in(text_to(cast.gate, alert.id))
    scene.acknowledge(cast.gate, alert.id)
    assert "You have it" in phone.get(link).content.decode()


def test_a_second_responder_has_it_too(cast, scene, alert, phone):
    sules = link_in(text_to(cast.sule, alert.id))
    phone.post(link_in(text_to(cast.gate, alert.id)))
    assert "Gate Musa" in phone.get(sules).content.decode()
    phone.post(sules)
    assert scene.alert(alert.id).acknowledged_by_id == cast.gate.id
    assert Responder.objects.of(cast.estate).filter(alert_id=alert.id).count() == 2


def test_two_taps_at_once_are_one_answer(cast, scene, alert):
    link = link_in(text_to(cast.gate, alert.id))
    answers = in_threads(4, lambda _: Client().post(link).status_code)
    assert answers == [302] * 4
    assert scene.lane().count("emergency.alert.acknowledged") == 1


def test_what_is_over_needs_nobody_any_more(cast, scene, alert, phone):
    link = link_in(text_to(cast.gate, alert.id))
    sule = cast.sule.api
    sule.post(
        cast.sule.url(f"alerts/{alert.id}/resolve/"), {"outcome": "real", "report": "Gone."}, format="json"
    )

    answer, page = phone.post(link), phone.get(link).content.decode()

    assert answer.status_code == 302
    assert "It is over" in page
    assert "B-14" not in page
    assert not Responder.objects.of(cast.estate).filter(alert_id=alert.id, member_id=cast.gate.id).exists()


def test_a_silent_alert_offers_no_call(cast, scene, phone):
    silent = scene.press(silent=True)
    page = phone.get(link_in(text_to(cast.gate, silent.id))).content.decode()
    assert "do not call" in page
    assert "tel:" not in page


def is_gone(answer):
    return answer.status_code == 404 and "does not work any more" in answer.content.decode()


def test_an_old_link_is_worth_nothing(cast, scene, alert, phone):
    link = link_in(text_to(cast.gate, alert.id))
    scene.clock.shift(timedelta(hours=12, seconds=1))
    assert is_gone(phone.get(link))
    assert is_gone(phone.post(link))
    assert scene.alert(alert.id).state == "active"


def end(cast):
    with unit_of_work():
        end_membership(actor=SYSTEM, membership=cast.gate.membership)


def lose_role(cast):
    role = Role.objects.get(key=RoleKey.GUARD, estate=None)
    revoke_role(actor=SYSTEM, membership=cast.gate.membership, role=role)


def switch_off(cast):
    cast.gate.user.is_active = False
    cast.gate.user.save()


def suspend(cast):
    Estate.objects.filter(pk=cast.estate.pk).update(is_suspended=True)


@pytest.mark.parametrize("happens", [end, lose_role, switch_off, suspend])
def test_who_is_no_responder_any_more_answers_for_nobody(cast, scene, alert, phone, happens):
    link = link_in(text_to(cast.gate, alert.id))
    happens(cast)
    assert is_gone(phone.get(link))
    assert is_gone(phone.post(link))
    assert scene.alert(alert.id).state == "active"


def test_where_a_second_step_is_required_the_link_is_no_way_round_it(cast, scene, phone):
    Estate.objects.filter(pk=cast.estate.pk).update(is_second_factor_required=True)
    alert = scene.press()
    scene.forward(60)
    assert is_gone(phone.post(link_in(text_to(cast.musa, alert.id))))
    assert scene.alert(alert.id).state == "active"


def test_every_other_delivery_is_behind_no_link(cast, scene, alert, phone):
    tablet = Delivery.objects.across_estates().filter(subject_id=alert.id, channel="websocket")[0]
    contact = text_to(cast.gate, alert.id)
    with unit_of_work():
        (post,) = intend(
            estate_id=cast.estate.pk,
            subject="staff.post",
            subject_id=uuid4(),
            step="0.0",
            channel="sms",
            recipients=[Recipient(member_id=cast.gate.id, name="Gate", phone=cast.gate.phone)],
            body="Dark",
        )
    Delivery.objects.across_estates().filter(pk=contact.pk).update(member=None)
    for row in (tablet, contact, post):
        assert is_gone(phone.get(f"/a/{token_of(row.pk)}/"))
    assert is_gone(phone.get(f"/a/{token_of(uuid4())}/"))


def test_a_changed_link_opens_nothing(cast, alert, phone):
    token = link_in(text_to(cast.gate, alert.id)).split("/")[2]
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert is_gone(phone.get(f"/a/{token[:place]}{other}{token[place + 1 :]}/"))
    assert Alert.objects.of(cast.estate).get().state == "active"


@given(st.text(min_size=1, max_size=60))
def test_no_word_is_a_link(word):
    with pytest.raises(LinkNotValid):
        delivery_behind(word)


def test_a_link_names_one_delivery():
    ids = [uuid4() for _ in range(50)]
    assert [delivery_behind(token_of(one)) for one in ids] == ids


def test_nothing_keeps_or_hands_on_the_address(cast, alert, phone):
    answer = phone.get(link_in(text_to(cast.gate, alert.id)))
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not answer.cookies


def test_a_link_outlives_the_restart_of_a_day(cast, scene, alert, phone):
    text = text_to(cast.gate, alert.id)
    scene.clock.shift(timedelta(hours=11))
    assert now() - text.intended_at == timedelta(hours=11)
    assert phone.get(link_in(text)).status_code == 200
