from datetime import timedelta

from emergency.models import Alert, TimelineEntry


def test_another_category_joins_the_open_alert(cast, scene):
    first = scene.press(category="medical", note="chest pain")
    joined = scene.press(category="fire", note="and smoke")

    assert joined.id == first.id
    assert joined.category == "medical"
    assert joined.categories == ["medical", "fire"]
    assert joined.note == "chest pain\nand smoke"
    assert joined.version > first.version
    assert scene.lane() == ["emergency.alert.raised", "emergency.alert.joined"]
    assert scene.inbox(cast.ada) == scene.lane()
    assert TimelineEntry.objects.of(cast.estate).filter(kind="joined").count() == 1


def test_the_same_category_again_tells_nobody_twice(cast, scene):
    first = scene.press()
    again = scene.press()

    assert again == first
    assert scene.lane() == ["emergency.alert.raised"]


def test_a_new_position_is_news(cast, scene):
    scene.press(position={"lat": 6.1, "lon": 3.1})
    scene.clock.shift(timedelta(seconds=2))
    again = scene.press(position={"lat": 6.2, "lon": 3.1})

    assert again.position.lat == 6.2
    assert again.position.at > again.raised_at
    assert scene.lane()[-1] == "emergency.alert.joined"


def test_an_acknowledged_alert_is_joined_too(cast, scene):
    first = scene.press()
    scene.acknowledge(cast.gate, first.id)

    assert scene.press(category="fire").state == "acknowledged"


def test_what_is_over_is_joined_no_more(cast, scene):
    first = scene.press(countdown_s=5)
    cast.ada.api.post(cast.ada.url(f"alerts/{first.id}/cancel/"))

    assert scene.press().id != first.id


def test_a_drill_and_the_real_thing_stay_apart(cast, scene):
    drill = scene.press(drill=True)
    real = scene.press()

    assert real.id != drill.id
    assert (drill.is_drill, real.is_drill) == (True, False)
    assert scene.press(drill=True, category="fire").id == drill.id


def test_neighbours_have_an_alert_each(cast, scene):
    assert scene.press(cast.ada).id != scene.press(cast.bola).id


def test_pressing_again_without_a_countdown_ends_it(cast, scene):
    first = scene.press(countdown_s=10)
    assert scene.lane() == []
    second = scene.press(category="fire")

    assert (second.id, second.state) == (first.id, "active")
    assert scene.lane() == ["emergency.alert.raised"]
    assert second.categories == ["medical", "fire"]


def test_pressing_again_with_a_countdown_waits_for_the_first(cast, scene):
    first = scene.press(countdown_s=3)
    scene.forward(2)
    again = scene.press(countdown_s=10, category="fire")
    assert (again.state, again.countdown_ends_at) == ("countdown", first.countdown_ends_at)
    assert scene.lane() == []

    scene.forward(1)
    assert scene.alert(first.id).state == "active"


def test_a_guard_joins_the_alert_of_whom_he_raises_it_for(cast, scene):
    own = scene.press(cast.bola)
    by_guard = scene.press(cast.gate, on_behalf_of=str(cast.bola.id), category="fire")

    assert by_guard.id == own.id
    assert Alert.objects.across_estates().count() == 1
