"""API keys are made, shown once, and revoked."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from core.audit import record
from core.clock import now
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.errors import AboveOwn, ExpiryTooFar, KeyNotFound, NameMissing, NotForKeys, TooManyKeys
from estates.keys import PREFIX, hash_of
from estates.members import Member
from estates.models import ApiKey, Estate
from estates.permissions import COMES_WITH, FOR_KEYS, Permission, require
from estates.services.roles import ExpiryPast

#: A leap year, and a caller whose clock is ahead.
LONGEST = timedelta(days=367)
#: Keys in use that an estate may have.
MOST_KEYS = 50


def make_key(
    *, actor: Member, estate: Estate, name: str, permissions: Collection[Permission], expires_at: datetime
) -> tuple[ApiKey, str]:
    """A key and its text, which is kept nowhere: `clustr_`, eight characters that stay known, and 256 random bits.

    Raises `AboveOwn`, `ExpiryPast`, `ExpiryTooFar`, `NameMissing`, `NotForKeys`, `TooManyKeys`.
    """
    require(actor, Permission.MANAGE_KEYS, estate)
    words = " ".join(clean_text(name).split())
    if not words:
        raise NameMissing(field="name")
    wanted = set(permissions)
    wanted |= {COMES_WITH[permission] for permission in wanted if permission in COMES_WITH}
    if strange := sorted(wanted - FOR_KEYS):
        raise NotForKeys(f"No key can have {', '.join(strange)}.", field="permissions")
    if not wanted <= actor.permissions:
        raise AboveOwn(field="permissions")
    if expires_at <= now():
        raise ExpiryPast(field="expires_at")
    if expires_at > now() + LONGEST:
        raise ExpiryTooFar(field="expires_at")
    prefix = f"{PREFIX}{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    with unit_of_work():
        # One at a time: two would each find room for the last one.
        Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)
        in_use = ApiKey.objects.of(estate).filter(revoked_at__isnull=True, expires_at__gt=now())
        if in_use.count() >= MOST_KEYS:
            raise TooManyKeys
        key = ApiKey.objects.create(
            estate=estate,
            name=words,
            prefix=prefix,
            hash=hash_of(text),
            permissions=sorted(permission.value for permission in wanted),
            created_by_id=actor.id,
            expires_at=expires_at,
        )
        told = {"name": words, "prefix": prefix, "permissions": key.permissions}
        record(actor, "estates.key.made", key, told | {"expires_at": expires_at.isoformat()})
    return key, text


def revoke_key(*, actor: Member, estate: Estate, key_id: UUID) -> None:
    """From the next request on it opens nothing. Done again it changes nothing. Raises `KeyNotFound`."""
    require(actor, Permission.MANAGE_KEYS, estate)
    with unit_of_work():
        key = ApiKey.objects.of(estate).filter(pk=key_id).first()
        if key is None:
            raise KeyNotFound
        if ApiKey.objects.of(estate).filter(pk=key_id, revoked_at__isnull=True).update(revoked_at=now()):
            record(actor, "estates.key.revoked", key, {"name": key.name, "prefix": key.prefix})
