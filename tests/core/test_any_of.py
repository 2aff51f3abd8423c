"""One array for very many values."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from estates.models import Membership
from realtime.models import DeviceLease, Stream
from realtime.presence import renew_leases
from realtime.publishing import ensure_streams
from realtime.topics import everyone, guards


def test_it_finds_what_in_finds(cast):
    members = Membership.objects.of(cast.estate)
    ids = [cast.ada.id, cast.gate.id, uuid4()]
    assert set(members.filter(pk__any_of=ids)) == set(members.filter(pk__in=ids))
    assert set(members.filter(pk__any_of={str(cast.ada.id)}).values_list("pk", flat=True)) == {cast.ada.id}
    assert set(members.exclude(pk__any_of=ids)) == set(members.exclude(pk__in=ids))
    ensure_streams([everyone(cast.estate.pk), guards(cast.estate.pk)])
    names = [everyone(cast.estate.pk).name, "'; --", "nothing"]
    streams = Stream.objects.across_estates()
    assert [stream.name for stream in streams.filter(name__any_of=names)] == names[:1]


def test_behind_a_reference_nothing_is_joined(cast, django_assert_num_queries):
    renew_leases([(cast.estate.pk, cast.gate.id, "tablet")])
    with django_assert_num_queries(1) as asked:
        found = DeviceLease.objects.of(cast.estate).filter(membership__pk__any_of=[cast.gate.id, cast.ada.id])
        assert [lease.membership_id for lease in found] == [cast.gate.id]
    assert "JOIN" not in asked.captured_queries[0]["sql"]


def test_of_nothing_nothing_is_found(cast):
    assert not Membership.objects.of(cast.estate).filter(pk__any_of=[]).exists()


def test_a_wrong_kind_of_value_is_an_error(cast):
    with pytest.raises(ValidationError, match="UUID"):
        list(Membership.objects.of(cast.estate).filter(pk__any_of=["no id"]))


def test_it_is_one_parameter_where_it_can_be(cast, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        list(Membership.objects.of(cast.estate).filter(pk__any_of=[uuid4() for _ in range(1000)]))
    assert ("ANY(" in asked.captured_queries[0]["sql"]) == (connection.vendor == "postgresql")
