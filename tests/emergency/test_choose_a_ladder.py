"""An estate chooses one of the ladders that are ready made."""

from core.models import AuditEntry
from emergency.events import Category
from emergency.models import Alert, AlertStep, EscalationPolicy
from emergency.policies import DEFAULT, PRESETS, PresetKey, plain_steps, preset_of, read_steps
from emergency.selectors.ladder import policy_for


def choose(person, preset="everybody_at_once"):
    return person.api.put(person.url("policies/preset/"), {"preset": preset}, format="json")


def test_every_ready_made_ladder_is_one_that_an_alert_may_climb():
    assert PRESETS[PresetKey.GUARDS_FIRST].steps == DEFAULT
    for preset in PRESETS.values():
        assert read_steps(plain_steps(preset.steps)) == preset.steps
        assert preset_of(preset.steps) == preset.key, "no two are the same"


def test_a_manager_chooses_one_and_the_next_alert_climbs_it(cast):
    assert cast.musa.api.get(cast.musa.url("policies/preset/")).json()["is_default"]

    answer = choose(cast.musa)

    assert (answer.status_code, answer.json()["chosen"]) == (200, "everybody_at_once")
    assert not answer.json()["is_default"]
    assert policy_for(cast.estate, Category.FIRE) == PRESETS[PresetKey.EVERYBODY_AT_ONCE].steps
    alert = cast.ada.api.post(cast.ada.url("alerts/"), {"category": "fire"}, format="json").json()
    steps = AlertStep.objects.of(cast.estate).filter(alert_id=alert["id"], repeat=0)
    assert steps.count() == 4
    (entry,) = AuditEntry.objects.filter(action="emergency.policy.chosen", estate_id=cast.estate.pk)
    assert entry.changes == {"preset": "everybody_at_once", "replaced": []}


def test_ladders_of_single_categories_go_and_the_same_choice_again_is_none(cast):
    EscalationPolicy.objects.create(estate=cast.estate, category="fire", steps=plain_steps(DEFAULT))
    assert cast.musa.api.get(cast.musa.url("policies/preset/")).json()["chosen"] is None

    for _ in range(2):
        assert choose(cast.musa, "guards_first").json()["chosen"] == "guards_first"

    assert [row.category for row in EscalationPolicy.objects.of(cast.estate)] == [""]
    assert AuditEntry.objects.filter(action="emergency.policy.chosen").count() == 1


def test_an_alert_that_is_under_way_keeps_its_ladder(cast):
    alert = cast.ada.api.post(cast.ada.url("alerts/"), {"category": "fire"}, format="json").json()
    before = list(AlertStep.objects.of(cast.estate).values("order", "repeat", "due_at", "spec"))
    policy = Alert.objects.of(cast.estate).get(pk=alert["id"]).policy

    choose(cast.musa)

    assert list(AlertStep.objects.of(cast.estate).values("order", "repeat", "due_at", "spec")) == before
    assert Alert.objects.of(cast.estate).get(pk=alert["id"]).policy == policy


def test_others_do_not_choose_and_strangers_find_nothing(cast):
    for person in (cast.ada, cast.gate, cast.chief):
        assert choose(person).status_code == 403
    assert cast.gate.api.get(cast.gate.url("policies/preset/")).status_code == 200
    address = cast.musa.url("policies/preset/")
    assert cast.stranger.api.put(address, {"preset": "few_texts"}, format="json").status_code == 404
    assert not EscalationPolicy.objects.of(cast.estate).exists()


def test_what_is_no_ladder_is_refused_and_changes_nothing(cast):
    for preset in ("nonsense", "", None, 3, ["few_texts"]):
        answer = choose(cast.musa, preset)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "preset")
    assert not EscalationPolicy.objects.of(cast.estate).exists()


def test_two_estates_choose_apart(cast):
    choose(cast.musa, "few_texts")
    choose(cast.stranger, "everybody_at_once")

    assert cast.musa.api.get(cast.musa.url("policies/preset/")).json()["chosen"] == "few_texts"


def test_who_places_a_drill_can_end_it_himself_and_an_alert_he_cannot(cast):
    ending = {"outcome": "test", "report": "It works."}
    for is_drill, status in ((True, 200), (False, 409)):
        body = {"category": "other", "drill": is_drill}
        alert = cast.musa.api.post(cast.musa.url("alerts/"), body, format="json").json()
        answer = cast.musa.api.post(cast.musa.url(f"alerts/{alert['id']}/resolve/"), ending, format="json")
        assert answer.status_code == status, answer.content


def test_the_page_tells_each_ladder_in_words(cast, client):
    client.force_login(cast.musa.user)
    address = f"/estates/{cast.estate.pk}/desk/ladder/"
    page = client.get(address).content.decode()
    assert "Nobody has chosen yet" in page
    assert page.count('data-path="policies/preset/"') == 3
    assert "SMS: guards, security heads, personal contacts" in page

    choose(cast.musa, "few_texts")
    page = client.get(address).content.decode()
    assert (page.count('data-path="policies/preset/"'), page.count("Holds now")) == (2, 1)

    client.force_login(cast.gate.user)
    page = client.get(address).content.decode()
    assert 'data-path="policies/preset/"' not in page
    client.force_login(cast.ada.user)
    assert client.get(address).status_code == 403
