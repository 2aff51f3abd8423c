"""Whoever reads a snapshot early and then follows the events knows what whoever reads late knows."""

import msgspec

from core.clock import now
from core.shapes import plain
from emergency.events import (
    AlertAcknowledged,
    AlertCancelled,
    AlertCancelRequested,
    AlertClosed,
    AlertEscalated,
    AlertJoined,
    AlertOnScene,
    AlertProgressed,
    AlertRaised,
    AlertResolved,
    AlertResponding,
)
from notifications.models import Delivery
from realtime.events import fact_types
from realtime.topics import emergency_lane, inbox
from tests.emergency.test_answer import REPORT, act


def snapshot(person):
    """What the person's page knows after a fresh start: his alerts by id."""
    page = person.api.get(person.url("alerts/?page_size=200")).json()
    return {alert["id"]: alert for alert in page["results"]}


def verify_replay(scene, person, topics, play):
    """An early snapshot and the events since then make the late snapshot, after every single act of the play."""
    early = snapshot(person)
    seen = {topic: len(scene.events(topic)) for topic in topics}
    told = set()
    for one_act in play:
        one_act()
        known = dict(early)
        for topic in topics:
            for event in scene.events(topic)[seen[topic] :]:
                told.add(event.type)
                alert = event.data["alert"]
                if alert["id"] not in known or known[alert["id"]]["version"] < alert["version"]:
                    known[alert["id"]] = alert
        assert known == snapshot(person)
    return told


def the_play(scene, cast):
    """Everything that can happen to alerts, in acts of one event type or more."""
    ids = {}

    def press(name, person, **data):
        ids[name] = scene.press(person, **data).id

    def arrive_late():
        Delivery.objects.across_estates().filter(channel="sms").update(delivered_at=now())
        scene.forward(0.5)

    return [
        lambda: press("bola", cast.bola, countdown_s=3, silent=True),
        lambda: press("kid", cast.kid, countdown_s=5),
        lambda: act(cast.kid, ids["kid"], "cancel"),
        lambda: scene.forward(3),
        lambda: press("ada", cast.ada, note="help", position={"lat": 6.1, "lon": 3.2}),
        lambda: scene.receive(cast.gate),
        lambda: scene.forward(0.5),
        lambda: press("ada", cast.ada, category="fire"),
        lambda: scene.forward(31),
        lambda: act(cast.ada, ids["ada"], "cancel-request"),
        lambda: act(cast.gate, ids["ada"], "acknowledge"),
        lambda: act(cast.sule, ids["ada"], "respond", {"eta_s": 60}),
        lambda: act(cast.sule, ids["ada"], "on-scene"),
        lambda: scene.forward(120),
        arrive_late,
        lambda: act(cast.sule, ids["ada"], "resolve", REPORT),
        arrive_late,
        lambda: act(cast.ada, ids["ada"], "close"),
        lambda: act(cast.chief, ids["bola"], "on-scene"),
        lambda: act(cast.chief, ids["bola"], "resolve", REPORT),
        lambda: act(cast.musa, ids["bola"], "close"),
    ]


def test_responders_miss_nothing(cast, scene):
    scene.online(cast.gate)
    topics = [emergency_lane(cast.estate.pk).name]
    told = verify_replay(scene, cast.gate, topics, the_play(scene, cast))
    of_responders = {name for name in fact_types if name.startswith("emergency.alert.")} - {
        AlertCancelled.type
    }
    assert told == of_responders


def test_the_raiser_misses_nothing(cast, scene):
    scene.online(cast.gate)
    play = the_play(scene, cast)
    told = verify_replay(scene, cast.ada, [inbox(cast.ada.id, cast.estate.pk).name], play)
    assert told >= {AlertRaised.type, AlertEscalated.type, AlertCancelRequested.type, AlertClosed.type}


def test_who_cancels_misses_nothing(cast, scene):
    play = the_play(scene, cast)[:3]
    told = verify_replay(scene, cast.kid, [inbox(cast.kid.id, cast.estate.pk).name], play)
    assert told == {AlertRaised.type, AlertCancelled.type}


def test_every_fact_carries_the_whole_alert():
    for fact in (
        AlertRaised,
        AlertJoined,
        AlertAcknowledged,
        AlertResponding,
        AlertOnScene,
        AlertEscalated,
        AlertProgressed,
        AlertCancelRequested,
        AlertCancelled,
        AlertResolved,
        AlertClosed,
    ):
        assert "alert" in fact.__struct_fields__
        assert fact_types[fact.type] is fact


def test_the_welcome_is_the_same_snapshot(cast, scene):
    from emergency.welcome import open_alerts

    view = scene.press()
    told = open_alerts([cast.gate.member, cast.ada.member, cast.bola.member])
    assert [[msgspec.json.decode(alert) for alert in alerts] for alerts in told] == [
        [plain(view)],
        [plain(view)],
        [],
    ]
