"""The incident report: what happened, on paper."""

import csv
import io
from datetime import timedelta
from itertools import pairwise

import pytest
from pypdf import PdfReader

from core.actors import SYSTEM
from core.models import AuditEntry
from emergency.models import Contact
from emergency.report.picture import stretches_of
from emergency.services.reporting import draw_up_report
from tests.emergency.test_answer import REPORT, act


def report(person, alert_id, kind=None, **more):
    address = person.url(f"alerts/{alert_id}/report/")
    return person.api.get(address, {"format": kind} if kind else {}, **more)


def pages(answer):
    assert answer.status_code == 200, answer.content
    return [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]


def table(answer):
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def ended(cast, scene):
    """An intrusion at night: a text after five seconds, an answer after eight, over after two minutes."""
    scene.online(cast.gate)
    alert = scene.press(category="intrusion", note="Back door\nTwo men")
    scene.forward(8)
    act(cast.gate, alert.id, "acknowledge")
    scene.clock.shift(timedelta(seconds=30))
    act(cast.gate, alert.id, "respond", {"eta_s": 60})
    scene.clock.shift(timedelta(seconds=60))
    act(cast.gate, alert.id, "on-scene")
    scene.clock.shift(timedelta(seconds=22))
    act(cast.gate, alert.id, "resolve", REPORT)
    return alert


def test_the_pdf_says_what_where_who_when_and_how_it_ended(cast, scene, ended):
    answer = report(cast.musa, ended.id)
    text = "\n".join(pages(answer))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="incident-1-palm-court.pdf"'
    for words in (
        "Incident report no. 1",
        "Palm Court",
        "Ada Obi",
        "B-14, B",
        "Two men",
        "after 8 s, at 13:00:08, Gate Musa",
        "after 2 min 00 s",
        REPORT["report"],
        "Gate Musa is on the way, 1 min.",
        "Times are those of Africa/Lagos",
        "Taken by Musa Sani",
        "Page 1 of ",
    ):
        assert words in text, words
    assert cast.sule.phone in text


def test_the_csv_has_a_row_for_each_fact_entry_and_delivery(cast, scene, ended):
    rows = table(report(cast.chief, ended.id, "csv"))
    parts = {part: [row for row in rows if row["part"] == part] for part in ("fact", "timeline", "delivery")}

    assert {row["who"]: row["text"] for row in parts["fact"]}["Outcome"] == "Real"
    timeline = cast.chief.api.get(cast.chief.url(f"alerts/{ended.id}/timeline/")).json()["results"]
    assert [row["text"] for row in parts["timeline"]] == [entry["text"] for entry in timeline]
    deliveries = cast.chief.api.get(cast.chief.url(f"alerts/{ended.id}/deliveries/")).json()["results"]
    assert [(row["who"], row["channel"], row["state"]) for row in parts["delivery"]] == [
        (one["recipient_name"], one["channel"], one["state"]) for one in deliveries
    ]
    first = parts["timeline"][0]
    assert (first["at"], first["after_s"]) == ("2026-03-01T13:00:00.000+01:00", "0.0")


def test_the_accept_header_decides_where_nothing_is_said(cast, scene, ended):
    answer = report(cast.musa, ended.id, headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_the_person_in_need_gets_his_own_without_other_peoples_numbers(cast, scene, ended):
    rows, text = table(report(cast.ada, ended.id, "csv")), "\n".join(pages(report(cast.ada, ended.id)))
    assert {row["part"] for row in rows} == {"fact", "timeline"}
    assert cast.sule.phone not in text
    assert "Who was told" not in text


def test_neighbours_and_strangers_find_nothing(cast, scene, ended):
    assert report(cast.bola, ended.id).json()["code"] == "alert_not_found"
    assert report(cast.accountant, ended.id).status_code == 404
    address = f"/api/v1/estates/{cast.estate.pk}/alerts/{ended.id}/report/"
    assert cast.stranger.api.get(address).json()["code"] == "estate_not_found"
    assert report(cast.stranger, ended.id).json()["code"] == "alert_not_found"


def test_another_format_is_refused_by_name(cast, scene, ended):
    answer = report(cast.musa, ended.id, "docx")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "format")


def test_that_it_was_taken_stands_on_the_record(cast, scene, ended):
    report(cast.musa, ended.id, "csv")
    entry = AuditEntry.objects.filter(action="emergency.report.taken").get()
    assert (entry.actor_id, entry.target_id, entry.changes) == (cast.musa.id, str(ended.id), {"kind": "csv"})


def test_an_open_alert_has_one_too(cast, scene):
    alert = scene.press(category="fire", drill=True, position={"lat": 6.44, "lon": 3.47, "accuracy_m": 8})
    text = "\n".join(pages(report(cast.musa, alert.id)))
    assert "DRILL. Incident report" in text
    assert "none yet" in text
    assert "6.44000, 3.47000, within 8 m" in text


def test_what_people_wrote_is_text_and_neither_markup_nor_a_formula(cast, scene):
    note = "=1+1 <b>bold</b> & <font color='red'>&amp; {x} Ọlá Łukasz Αθήνα Жук"
    alert = scene.press(note=note)
    text = " ".join(" ".join(pages(report(cast.musa, alert.id))).split())
    assert "=1+1 <b>bold</b> & <font color='red'>&amp; {x} Ọlá Łukasz Αθήνα Жук" in text
    facts = {row["who"]: row["text"] for row in table(report(cast.musa, alert.id, "csv"))}
    assert facts["Note"] == f"'{note}"


def test_a_word_without_a_space_and_a_thousand_people_fit_on_the_pages(cast, scene):
    alert = scene.press(note="A" * 500)
    Contact.objects.create(estate=cast.estate, member_id=cast.ada.id, name="W" * 100, phone="+447700900500")
    scene.forward(600)
    found = pages(report(cast.musa, alert.id))
    assert len(found) > 1
    assert all(f"Page {number} of {len(found)}" in page for number, page in enumerate(found, start=1))


def test_the_course_goes_from_state_to_state_without_a_gap(cast, scene, ended):
    drawn = draw_up_report(actor=cast.musa.member, estate=cast.estate, alert_id=ended.id)
    stretches = stretches_of(drawn)
    words = [one.word for one in stretches]
    assert words == ["nobody has it", "acknowledged", "on the way", "on scene", "resolved"]
    assert all(one.end == after.begin for one, after in pairwise(stretches))
    assert [drawn.after_s(one.begin) for one in stretches] == [0, 8, 38, 98, 120]


def test_a_countdown_is_part_of_the_course(cast, scene):
    alert = scene.press(countdown_s=5)
    scene.forward(5)
    text = "\n".join(pages(report(cast.musa, alert.id)))
    assert "nobody has it" in text
    assert SYSTEM.name in "".join(row["who"] for row in table(report(cast.musa, alert.id, "csv")))
