"""What a list is narrowed down by, as it stands in the address: read strictly, refused by name."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import OpenApiParameter

from core.errors import Invalid
from core.text import clean_text

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class FilterNotValid(Invalid):
    code = "filter_not_valid"
    title = "This filter has no such value"


def one_of(values: Mapping[str, T], given: str, name: str) -> T:
    """What `given` stands for. Raises `FilterNotValid`."""
    if given not in values:
        raise FilterNotValid(f"Use one of: {', '.join(values)}.", field=name)
    return values[given]


def words_of(given: Mapping[str, str], name: str = "q") -> str:
    """What somebody searches for, fit for the database; empty where nothing is."""
    return clean_text(given.get(name, ""))


def search_parameter(where: str) -> OpenApiParameter:
    """`q`. `where`: "the name or the phone"."""
    return OpenApiParameter("q", description=f"In {where}; whatever their case")


def searched(rows: QuerySet[M], given: Mapping[str, str], *fields: str) -> QuerySet[M]:
    """Those of `rows` that have what `?q=` says somewhere in one of `fields`; all of them where it says nothing."""
    if not (words := words_of(given)):
        return rows
    found = Q()
    for field in fields:
        found |= Q((f"{field}__icontains", words))
    return rows.filter(found)


def uuid_of(given: str, name: str) -> UUID:
    """Raises `FilterNotValid`."""
    try:
        return UUID(given)
    except ValueError:
        raise FilterNotValid("Use a UUID.", field=name) from None


def moment_of(given: str, name: str, zone: tzinfo, *, is_end: bool = False) -> datetime:
    """A time with its offset from UTC, or a day in `zone`: its beginning, with `is_end` its end.

    Raises `FilterNotValid`.
    """
    try:
        if day := parse_date(given):
            return datetime.combine(day + timedelta(days=is_end), time.min, zone)
        moment = parse_datetime(given)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise FilterNotValid("Use a day (2026-11-22) or a time with its offset (…T14:00:00Z).", field=name)
    return moment
