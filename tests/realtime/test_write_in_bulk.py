"""Many rows in one statement."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.clock import now
from realtime.models import DeviceLease, ReceiptPosition
from realtime.presence import end_leases, present, renew_leases
from realtime.receipts import Receipt, keep_receipts
from tests.support.cast import Cast, Person


def receipt_of(person: Person, offset: int, device: str = "tablet") -> Receipt:
    return Receipt(
        estate_id=person.estate.pk,
        member_id=person.id,
        device=device,
        topic="estate.x.all",
        kind="received",
        offset=offset,
        at=now(),
    )


def test_so_many_leases_are_one_statement(cast: Cast) -> None:
    devices = [(one.estate.pk, one.id, f"d{number}") for one in cast.people for number in range(20)]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        renew_leases(devices)
        renew_leases(devices)

    assert len(queries) == 2
    assert DeviceLease.objects.across_estates().count() == len(devices)
    end_leases(dict.fromkeys(devices[:-1], now()))
    assert present(cast.other_estate.pk) == {cast.stranger.id}
    assert present(cast.estate.pk) == set()


def test_a_device_that_has_come_to_another_process_stays_present(cast: Cast) -> None:
    device = (cast.estate.pk, cast.gate.id, "tablet")
    renew_leases([device])
    closed_at = now()
    renew_leases([device])

    end_leases({device: closed_at})
    assert present(cast.estate.pk) == {cast.gate.id}
    end_leases({device: now()})
    assert present(cast.estate.pk) == set()


def test_a_position_moves_forward_only_whatever_comes_together(cast: Cast) -> None:
    keep_receipts([receipt_of(cast.gate, 7), receipt_of(cast.sule, 3)])
    keep_receipts([receipt_of(cast.gate, 5), receipt_of(cast.sule, 4), receipt_of(cast.sule, 4, "phone")])

    rows = ReceiptPosition.objects.of(cast.estate).values_list("membership", "device", "offset")
    assert set(rows) == {
        (cast.gate.id, "tablet", 7),
        (cast.sule.id, "tablet", 4),
        (cast.sule.id, "phone", 4),
    }


def test_somebody_who_was_deleted_keeps_nobody_else_out(cast: Cast) -> None:
    devices = [(one.estate.pk, one.id, "d") for one in cast.people]

    renew_leases([*devices, (cast.estate.pk, uuid4(), "d")])

    assert DeviceLease.objects.across_estates().count() == len(devices)


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nothing_is_left_out_in_silence(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        renew_leases([(cast.estate.pk, uuid4(), "d")])
