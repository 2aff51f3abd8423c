"""Somebody starts an estate of his own, and is its first manager."""

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import User
from core.actors import Actor
from core.audit import record
from core.clock import now
from core.ids import new_id
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.errors import (
    AddressNotProved,
    CountryUnknown,
    EstateIdTaken,
    NameMissing,
    SlugTaken,
    TimeZoneUnknown,
    TooManyEstates,
)
from estates.geography import country_names, time_zones
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, RoleKey, require
from estates.services.people import add_member, ensure_built_in_roles
from estates.shapes import FoundEstate

#: Estates that one person starts within a day.
A_DAY_AT_MOST = 5
A_DAY = timedelta(hours=24)


def found_estate(*, user: User, given: FoundEstate) -> tuple[Estate, bool]:
    """The estate, and whether it is new. `given.id` made it before: it is answered again, unchanged.

    Raises `AddressNotProved`, `NameMissing`, `TimeZoneUnknown`, `CountryUnknown`, `SlugTaken`, `EstateIdTaken`,
    `TooManyEstates`.
    """
    if not user.has_proved_an_address:
        raise AddressNotProved
    name = _checked(given)
    with unit_of_work():
        # Held until the commit: two requests at once would otherwise both be below the limit, or both the first.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if given.id and (known := Estate.objects.filter(pk=given.id).first()):
            if known.founded_by_id != user.pk:
                raise EstateIdTaken(field="id")
            return known, False
        if Estate.objects.filter(founded_by=user, created_at__gt=now() - A_DAY).count() >= A_DAY_AT_MOST:
            raise TooManyEstates(retry_after_s=int(A_DAY.total_seconds()))
        ensure_built_in_roles()
        estate = _made(user, name, given)
        actor = Actor(kind="user", id=user.pk, name=user.name)
        record(actor, "estates.estate.founded", estate, {"name": estate.name}, estate_id=estate.pk)
        add_member(actor=actor, estate=estate, user=user, roles=[RoleKey.MANAGER])
        return estate, True


def show_set_up(*, actor: Member, estate: Estate, is_first: bool) -> Estate:
    """Whether its manager starts on the page that says how to begin, or has seen enough of it."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        others = Estate.objects.filter(pk=estate.pk).exclude(is_being_set_up=is_first)
        if others.update(is_being_set_up=is_first):
            verb = "shown" if is_first else "hidden"
            record(actor, f"estates.set_up.{verb}", estate, estate_id=estate.pk)
    estate.is_being_set_up = is_first
    return estate


def _checked(given: FoundEstate) -> str:
    name = " ".join(clean_text(given.name).split())
    if not name:
        raise NameMissing(field="name")
    if given.time_zone not in time_zones():
        raise TimeZoneUnknown(field="time_zone")
    if given.country not in country_names():
        raise CountryUnknown(field="country")
    return name


def _made(user: User, name: str, given: FoundEstate) -> Estate:
    estate = Estate(
        id=given.id or new_id(),
        name=name,
        slug=given.slug or _free_slug(name),
        time_zone=given.time_zone,
        country=given.country,
        founded_by=user,
        is_being_set_up=True,
    )
    try:
        with transaction.atomic():
            estate.save(force_insert=True)
    except IntegrityError:
        if given.id and Estate.objects.filter(pk=given.id).exists():
            raise EstateIdTaken(field="id") from None
        raise SlugTaken(field="slug") from None
    return estate


def _free_slug(name: str) -> str:
    """Like the name. Where another estate is called so already, with letters behind it that tell nothing."""
    slug = slugify(name)[:40].strip("-") or "estate"
    return f"{slug}-{secrets.token_hex(4)}" if Estate.objects.filter(slug=slug).exists() else slug
