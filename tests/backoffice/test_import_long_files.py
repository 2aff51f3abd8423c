"""Long files: in the background, told as it goes on, nothing half-done, whoever is killed."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import User
from backoffice.models import Import, ImportFile
from backoffice.services import imports, working
from core.actors import SYSTEM
from core.audit import breaks_in
from core.clock import now
from estates.models import Membership, Occupancy
from estates.services import people_in_bulk
from estates.services.people import revoke_role
from realtime.models import Event
from tests.support.background import run_task
from tests.support.tables import PEOPLE, bring_in, csv_of, hand_in, residents

BAD = range(500, 10_500, 500)


class Killed(BaseException):
    """As the kernel does it: nothing in the worker's code catches it."""


def told(cast) -> list[dict]:
    events = Event.objects.filter(stream__name=f"estate.{cast.estate.pk}.managers").order_by("offset")
    return [{"type": event.type, **event.data["job"]} for event in events]


def sweep_after(**time: int) -> None:
    with time_machine.travel(now() + timedelta(**time)):
        run_task("backoffice.sweep")


def new_people() -> int:
    return User.objects.filter(name__startswith="Resident").count()


@pytest.mark.timeout(240)
def test_ten_thousand_residents_with_twenty_bad_rows(cast):
    rows = residents(range(10_000))
    for number in BAD:
        # Row 2 is number 0.
        rows[number - 2] = ("Nobody", "", "nobody", "B-14", "owner")
    job = hand_in(cast.musa, "people", csv_of(PEOPLE, *rows)).json()

    assert (job["state"], job["rows"], job["created"], job["bad_rows"]) == ("checked", 10_000, 9_980, 20)
    assert [(one["row"], one["field"]) for one in job["problems"]] == [(number, "email") for number in BAD]
    steps = [one["done"] for one in told(cast)]
    assert steps == sorted(steps)
    assert len(steps) > 20
    assert bring_in(cast.musa, job["id"]).json()["code"] == "import_has_problems"
    assert new_people() == 0

    done = bring_in(cast.musa, job["id"], partial=True).json()
    assert (done["state"], done["created"], done["bad_rows"]) == ("done", 9_980, 20)
    assert new_people() == Occupancy.objects.of(cast.estate).count() - 3 == 9_980
    assert told(cast)[-1]["type"] == "backoffice.import.finished"
    assert not list(breaks_in(cast.estate.pk))


@pytest.fixture
def long_file(monkeypatch) -> bytes:
    """Ten rows, of which one portion has three: long enough to be broken off in the middle."""
    monkeypatch.setattr(imports, "AT_ONCE", 5)
    monkeypatch.setattr("estates.services.units_in_bulk.PORTION", 3)
    return csv_of(PEOPLE, *residents(range(10)))


def test_a_lost_message_is_found_by_the_sweep(cast, background, long_file):
    background.hold()
    job = hand_in(cast.musa, "people", long_file).json()
    assert (job["state"], job["rows"]) == ("checking", 0)
    assert bring_in(cast.musa, job["id"]).json()["code"] == "import_not_ready"
    background.lose()
    run_task("backoffice.sweep")
    assert Import.objects.of(cast.estate).get().state == "checking", "somebody may just have begun"
    sweep_after(seconds=10)
    assert Import.objects.of(cast.estate).get().state == "checked"


def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_and_another_takes_it_up(
    cast, background, long_file, monkeypatch
):
    job = hand_in(cast.musa, "people", long_file).json()
    background.hold()
    bring_in(cast.musa, job["id"])

    write, written = people_in_bulk._Portion._write, []

    def dies(self):
        write(self)
        written.append(self)
        if len(written) == 2:
            raise Killed

    monkeypatch.setattr(people_in_bulk._Portion, "_write", dies)
    with pytest.raises(Killed):
        run_task(working.TASK, import_id=job["id"])
    assert new_people() == 0
    sweep_after(seconds=60)
    assert (new_people(), len(written)) == (0, 2), "the dead worker's claim still holds"
    sweep_after(seconds=150)
    assert new_people() == 10
    assert Import.objects.of(cast.estate).get().state == "done"
    background.release()
    assert new_people() == 10, "the message that comes late finds nothing to do"


def test_a_file_that_workers_die_of_is_given_up_in_words(cast, background, long_file, monkeypatch):
    def dies(*args: object, **kwargs: object):
        raise Killed

    background.hold()
    job = hand_in(cast.musa, "people", long_file).json()
    monkeypatch.setattr(people_in_bulk._Portion, "take", dies)
    for minutes in (1, 5, 10):
        with pytest.raises(Killed):
            sweep_after(minutes=minutes)
    sweep_after(minutes=15)
    given_up = Import.objects.of(cast.estate).get(pk=job["id"])
    assert (given_up.state, given_up.message[:16]) == ("failed", "This broke off s")
    assert not ImportFile.objects.of(cast.estate).exists()


def test_two_workers_do_it_once(cast, background, long_file):
    background.hold()
    hand_in(cast.musa, "people", long_file)
    job = Import.objects.of(cast.estate).get()
    claimed = working._claimed(job.pk)
    assert claimed is not None
    assert working._claimed(job.pk) is None
    with time_machine.travel(now() + timedelta(minutes=3)):
        assert working._claimed(job.pk) is not None
    with pytest.raises(working._ClaimLost):
        working._tell(claimed)


def test_who_has_lost_his_role_meanwhile_brings_nothing_in(cast, background, long_file):
    job = hand_in(cast.musa, "people", long_file).json()
    background.hold()
    bring_in(cast.musa, job["id"])
    role = cast.musa.membership.role_grants.get().role
    revoke_role(actor=SYSTEM, membership=cast.musa.membership, role=role)
    background.release()
    assert Import.objects.of(cast.estate).get().state == "failed"
    assert new_people() == 0


def test_what_somebody_else_did_in_the_same_moment_undoes_the_whole(cast, background, long_file, monkeypatch):
    job = hand_in(cast.musa, "people", long_file).json()
    look_up = people_in_bulk._Portion._look_up

    def races(self):
        look_up(self)
        if self.rows[0].number > 8:
            User.objects.create(name="Quick", email="resident.9@example.test")

    monkeypatch.setattr(people_in_bulk._Portion, "_look_up", races)
    done = bring_in(cast.musa, job["id"]).json()
    assert (done["state"], done["message"][:16]) == ("failed", "Somebody changed")
    assert new_people() == 0
    assert not Membership.objects.of(cast.estate).filter(user__name__startswith="Resident").exists()
