from enum import StrEnum
from uuid import UUID

import pytest

from core.ids import new_id
from core.shapes import MalformedInput, Shape, plain, read, read_json


class Colour(StrEnum):
    RED = "red"


class Inner(Shape):
    number: int


class Thing(Shape):
    id: UUID
    colour: Colour = Colour.RED
    inner: Inner | None = None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "id"),
        ({"id": 7}, "id"),
        ({"id": "not a uuid"}, "id"),
        ({"id": str(new_id()), "colour": "blue"}, "colour"),
        ({"id": str(new_id()), "inner": {}}, "inner.number"),
        ({"id": str(new_id()), "inner": {"number": "7"}}, "inner.number"),
        ({"id": str(new_id()), "extra": 1}, "extra"),
    ],
)
def test_the_error_names_the_member(data, field):
    with pytest.raises(MalformedInput) as caught:
        read(data, Thing)

    assert caught.value.fields[0]["field"] == field


@pytest.mark.parametrize("data", ["text", 7, None, [], True])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(MalformedInput):
        read(data, Thing)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(raw):
    with pytest.raises(MalformedInput):
        read_json(raw, Thing)


def test_shapes_go_out_as_they_came_in():
    data = {"id": str(new_id()), "colour": "red", "inner": {"number": 3}}

    assert plain(read(data, Thing)) == data


def test_ids_grow_with_time_and_say_their_version():
    first, second = new_id(), new_id()

    assert first.version == second.version == 7
    assert first.variant == "specified in RFC 4122"
    assert first.int >> 80 <= second.int >> 80
