"""What stands on a page when it comes from the server."""

import json
import re
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from core.clock import now
from core.shapes import plain
from emergency import services
from emergency.events import AlertView, Category, Outcome
from emergency.shapes import RaiseAlert
from staff.models import Post
from staff.services import add_post
from tests.console.conftest import Visitor
from tests.support.cast import Cast, Person


def raised(cast: Cast, by: Person, category: Category = Category.INTRUSION, **more: Any) -> AlertView:
    return services.raise_alert(
        actor=by.member, estate=cast.estate, data=RaiseAlert(category=category, **more)
    )


def resolved(cast: Cast, alert: AlertView, by: Person, report: str = "Nobody there.") -> AlertView:
    services.acknowledge_alert(actor=by.member, estate=cast.estate, alert_id=alert.id)
    return services.resolve_alert(
        actor=by.member, estate=cast.estate, alert_id=alert.id, outcome=Outcome.FALSE_ALARM, report=report
    )


def data_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="page" type="application/json">(.*?)</script>', html)
    assert found
    return dict(json.loads(found[1]))


def get(client: Client, cast: Cast, path: str) -> str:
    answer = client.get(f"/estates/{cast.estate.pk}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_board_comes_with_what_is_open_and_what_ended_today(cast: Cast, as_: Visitor) -> None:
    ended = resolved(cast, raised(cast, cast.bola), cast.gate)
    opened = raised(cast, cast.ada)
    page = data_of(get(as_(cast.gate), cast, "board/"))
    assert [alert["id"] for alert in page["open_alerts"]] == [str(opened.id)]
    assert [alert["id"] for alert in page["recent_alerts"]] == [str(ended.id)]
    assert page["open_alerts"][0] == plain(opened)
    assert page["me"]["member_id"] == str(cast.gate.id)


def test_the_board_says_who_is_on_duty(cast: Cast, as_: Visitor) -> None:
    cast.sule.api.post(cast.sule.url("duty/"), {"on": True}, format="json")
    assert "on duty: <span" in (html := get(as_(cast.gate), cast, "board/"))
    assert [person["name"] for person in data_of(html)["on_duty"]] == ["Sule Bello"]
    assert data_of(html)["is_on_duty"] is False
    assert data_of(get(as_(cast.sule), cast, "board/"))["is_on_duty"] is True


def test_an_alert_in_its_countdown_is_not_on_the_board(cast: Cast, as_: Visitor) -> None:
    raised(cast, cast.ada, countdown_s=5)
    assert data_of(get(as_(cast.gate), cast, "board/"))["open_alerts"] == []
    assert "No alert" in get(as_(cast.musa), cast, "desk/alerts/")


def test_home_shows_ones_own_alerts_and_nobody_elses(cast: Cast, as_: Visitor) -> None:
    mine = raised(cast, cast.ada)
    raised(cast, cast.bola)
    page = data_of(get(as_(cast.ada), cast, "home/"))
    assert [alert["id"] for alert in page["alerts"]] == [str(mine.id)]
    assert data_of(get(as_(cast.gate), cast, "home/"))["alerts"] == []


def test_a_silent_alert_leaves_no_trace_on_the_page_of_who_raised_it(cast: Cast, as_: Visitor) -> None:
    alert = raised(cast, cast.ada, Category.DOMESTIC_VIOLENCE, silent=True)
    html = get(as_(cast.ada), cast, "home/")
    assert str(alert.id) not in html
    assert data_of(html)["alerts"] == []
    assert data_of(get(as_(cast.gate), cast, "board/"))["open_alerts"][0]["is_silent"] is True


def test_home_names_somebody_to_call(cast: Cast, as_: Visitor) -> None:
    numbers = data_of(get(as_(cast.ada), cast, "home/"))["numbers"]
    assert [number["phone"] for number in numbers] == [cast.chief.phone, "112"]
    cast.gate.api.post(cast.gate.url("duty/"), {"on": True}, format="json")
    html = get(as_(cast.ada), cast, "home/")
    assert "1 guard on duty" in html
    assert data_of(html)["numbers"][0]["phone"] == cast.gate.phone


def test_home_lists_ones_own_contacts(cast: Cast, as_: Visitor) -> None:
    answer = cast.ada.api.post(
        cast.ada.url("contacts/"), {"name": "Mum", "phone": "+447700900555"}, format="json"
    )
    assert answer.status_code == 201
    assert [one["name"] for one in data_of(get(as_(cast.ada), cast, "home/"))["contacts"]] == ["Mum"]
    assert data_of(get(as_(cast.bola), cast, "home/"))["contacts"] == []


def test_the_list_filters_by_state_and_category_and_ignores_nonsense(cast: Cast, as_: Visitor) -> None:
    resolved(cast, raised(cast, cast.bola, Category.FIRE), cast.gate)
    raised(cast, cast.ada, Category.MEDICAL)
    manager = as_(cast.musa)

    def shown(query: str) -> list[str]:
        return re.findall(r'class="row-link"[^>]*>([^<]+)<', get(manager, cast, f"desk/alerts/{query}"))

    assert shown("") == ["Medical", "Fire"]
    assert shown("?show=open") == ["Medical"]
    assert shown("?show=ended") == ["Fire"]
    assert shown("?category=fire") == ["Fire"]
    assert shown("?show=nonsense&category=nonsense&page=nonsense") == ["Medical", "Fire"]
    assert "No open alert of this category." in get(manager, cast, "desk/alerts/?show=open&category=fire")


def test_the_alert_page_shows_the_record_and_escapes_what_people_wrote(cast: Cast, as_: Visitor) -> None:
    cast.gate.api.post(cast.gate.url("duty/"), {"on": True}, format="json")
    alert = raised(cast, cast.ada, note="<script>alert(1)</script>")
    resolved(cast, alert, cast.gate, report="Nothing\nburned.")
    html = get(as_(cast.musa), cast, f"desk/alerts/{alert.id}/")
    assert "Ada Obi raised an SOS: intrusion." in html
    assert "<script>alert(1)" not in html
    assert "Nothing<br>burned." in html
    assert re.search(r'<th scope="row">Gate Musa</th>\s*<td data-label="By">tablet</td>', html)
    assert 'data-act="close"' in html
    assert 'data-act="acknowledge"' not in html


def test_buttons_are_offered_to_those_who_may_press_them(cast: Cast, as_: Visitor) -> None:
    alert = raised(cast, cast.ada)
    path = f"desk/alerts/{alert.id}/"
    assert 'data-act="acknowledge"' in get(as_(cast.gate), cast, path)
    resolved(cast, alert, cast.gate)
    assert 'data-act="close"' not in get(as_(cast.gate), cast, path)
    assert 'data-act="close"' in get(as_(cast.chief), cast, path)


def test_times_are_the_estates(cast: Cast, as_: Visitor) -> None:
    alert = raised(cast, cast.ada)
    html = get(as_(cast.musa), cast, f"desk/alerts/{alert.id}/")
    there = alert.raised_at.astimezone(ZoneInfo("Africa/Lagos"))
    assert f"{there:%H:%M:%S}" in html
    assert "Africa/Lagos" in html


def test_the_role_matrix_is_the_table_in_the_code(cast: Cast, as_: Visitor) -> None:
    html = get(as_(cast.musa), cast, "desk/roles/")
    assert "Raise an SOS" in html
    assert "Security head" in html
    row = re.search(r"<tr><th scope=\"row\">Close an alert that somebody else raised</th>(.*?)</tr>", html)
    assert row
    assert re.findall(r">(yes|no)<", row[1]) == ["yes", "yes", *["no"] * 9], "the last column is support"


def test_no_page_has_a_script_or_a_style_of_its_own_in_it(cast: Cast, as_: Visitor) -> None:
    alert = raised(cast, cast.ada)
    chief = as_(cast.chief)
    paths = ["board/", "home/", "desk/alerts/", f"desk/alerts/{alert.id}/", "desk/posts/", "desk/roles/"]
    for html in [*(get(chief, cast, path) for path in paths), Client().get("/sign-in/").content.decode()]:
        assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"", html)


def test_the_posts_stand_on_the_board_and_at_the_desk(cast: Cast, as_: Visitor) -> None:
    post = add_post(actor=cast.chief.member, estate=cast.estate, name="North <gate>", dark_after_s=45)
    add_post(actor=cast.stranger.member, estate=cast.other_estate, name="Theirs")
    Post.objects.of(cast.estate).update(device="d", dark_since=now())

    (row,) = data_of(get(as_(cast.gate), cast, "board/"))["posts"]
    desk = get(as_(cast.musa), cast, "desk/posts/")

    assert (row["id"], row["name"], row["device"]) == (str(post.id), "North <gate>", "d")
    assert 'value="North &lt;gate&gt;"' in desk
    assert 'value="45"' in desk
    assert "Dark since" in desk
    assert "Theirs" not in desk
