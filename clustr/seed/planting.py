"""Fills an empty database with the demo's estates, and says who can sign in."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import User
from clustr.seed.cast import CAST, STRANGER, Person
from clustr.seed.estate import build
from clustr.seed.life import live_through
from clustr.seed.passwords import new_password
from core.clock import now
from estates.models import Estate, Membership


class EstateMissing(LookupError):
    """The database has estates, but not the demo's."""


def plant() -> dict[str, str] | None:
    """Seed the database if it has no estate yet, in one transaction. Returns the new passwords by email, or None."""
    # Hashing is slow on purpose and leaves Python while it works: it goes on beside everything else.
    with transaction.atomic(), ThreadPoolExecutor(max_workers=1) as threads:
        if Estate.objects.exists():
            return None
        passwords = {person.email: new_password() for person in (*CAST, STRANGER)}
        hashes = threads.map(make_password, passwords.values())
        palm_court, _ = build(now())
        live_through(palm_court)
        for email, hashed in zip(passwords, hashes, strict=True):
            User.objects.filter(email=email).update(password=hashed)
        # Nobody was connected to that past, and its texts were carried already: there is nobody to tell.
        transaction.get_connection().run_on_commit.clear()
    return passwords


def people(passwords: Mapping[str, str]) -> list[dict[str, Any]]:
    """Those who can sign in, as demo.json lists them. A password that is not known any more is replaced."""
    return [_entry(person, passwords.get(person.email)) for person in (*CAST, STRANGER)]


def _entry(person: Person, password: str | None) -> dict[str, Any]:
    membership = (
        Membership.objects.across_estates().select_related("user").filter(user__email=person.email).first()
    )
    if membership is None:
        raise EstateMissing(person.name)
    return {
        "name": membership.user.name,
        "role": person.label or person.role.value,
        "estate_id": str(membership.estate_id),
        "member_id": str(membership.pk),
        "email": person.email,
        "phone": person.phone,
        "password": password or _replace_password(membership.user),
    }


def _replace_password(user: User) -> str:
    password = new_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    return password
