import pytest

from core.actors import SYSTEM
from core.audit import breaks_in, record
from core.models import AppendOnly, AuditEntry
from core.unit_of_work import NoUnitOfWork, unit_of_work


def test_the_chain_holds_and_counts_from_one(cast):
    entries = list(AuditEntry.objects.filter(estate_id=cast.estate.pk))

    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert list(breaks_in(cast.estate.pk)) == []


def test_an_entry_is_only_written_with_its_cause(cast):
    with pytest.raises(NoUnitOfWork):
        record(SYSTEM, "test.thing.done", cast.unit)
    before = AuditEntry.objects.count()
    with pytest.raises(ValueError, match="no"), unit_of_work():
        record(SYSTEM, "test.thing.done", cast.unit)
        raise ValueError("no")

    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda rows: rows.filter(seq=2).update(actor_name="Somebody else"), "entry 2 was changed"),
        (lambda rows: rows.filter(seq=2).delete(), "entries 2 to 2 are missing"),
        (lambda rows: rows.filter(seq__gt=3).delete(), "entries after 3 are missing"),
    ],
    ids=["changed", "taken out", "cut off"],
)
def test_tampering_shows(cast, harm, told):
    harm(AuditEntry.objects.filter(estate_id=cast.estate.pk))

    assert told in list(breaks_in(cast.estate.pk))


def test_entries_refuse_to_be_changed_or_deleted(cast):
    entry = AuditEntry.objects.first()
    assert entry is not None
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()


def test_each_estate_has_a_chain_of_its_own(cast):
    with unit_of_work():
        record(SYSTEM, "test.thing.done", cast.unit)

    assert AuditEntry.objects.filter(estate_id=cast.other_estate.pk, action="test.thing.done").count() == 0
