"""API keys: who acts with one, and how they are listed."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.audit import record
from core.clock import now
from core.http.filters import one_of, searched
from core.shapes import Page, View
from core.unit_of_work import unit_of_work
from estates.errors import EstateNotFound, KeyNotValid
from estates.members import Member
from estates.models import ApiKey, Estate
from estates.permissions import Permission
from estates.selectors import members_by_ids

#: How every key begins. By it scanners find keys that were published by mistake.
PREFIX: Final = "clustr_"
#: For so long it is not written down again that a key is in use.
WRITTEN_EVERY: Final = timedelta(minutes=5)
#: Addresses of a key that are remembered.
MOST_ADDRESSES: Final = 100


class KeyMaker(View):
    """Who made a key."""

    member_id: UUID
    name: str


class KeyView(View):
    """An API key without the key itself. `prefix`: how it begins. `state`: `live`, `expired` or `revoked`.
    `permissions`: what it was given; of these it has what its maker may do himself at the time. `last_used_at`: to
    within 5 minutes.
    """

    id: UUID
    name: str
    prefix: str
    state: str
    permissions: list[str]
    created_by: KeyMaker
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class MadeKey(KeyView):
    """`key`: the key itself, this once."""

    key: str


class KeyPage(Page):
    results: list[KeyView]


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The program behind a request with a key: what REST framework takes for a user."""

    key: ApiKey
    is_authenticated: ClassVar = True

    @property
    def counted_as(self) -> tuple[str, str]:
        """Which rate limit it has, and under what name (`core.http.rate_limits`)."""
        return "key", str(self.key.pk)

    def enter(self, estate_id: UUID) -> tuple[Estate, Member]:
        """The estate, and the key acting in it with what its maker may still do. Raises `EstateNotFound` elsewhere."""
        key = self.key
        if key.estate_id != estate_id or key.estate.is_suspended:
            raise EstateNotFound
        maker = members_by_ids([key.created_by_id]).get(key.created_by_id)
        held = frozenset(value for value in Permission if value in key.permissions)
        member = Member(
            kind="key",
            id=key.pk,
            name=key.name,
            estate_id=key.estate_id,
            user_id=key.pk,
            role_keys=frozenset(),
            permissions=held & maker.permissions if maker else frozenset(),
            role_epoch=0,
        )
        return key.estate, member


def holder_of(text: str, *, address: str) -> KeyHolder:
    """Who holds the key with this text. Notes that it is used, and from where. Raises `KeyNotValid`."""
    # Looked up, not compared: who measures how long that takes learns of the hash, from which no key can be made.
    found = ApiKey.objects.across_estates().filter(hash=hash_of(text)).select_related("estate").first()
    if found is None:
        raise KeyNotValid
    if found.revoked_at is not None:
        raise KeyNotValid("This key was revoked.")
    if found.expires_at <= now():
        raise KeyNotValid("This key has expired.")
    _note_use(found, address)
    return KeyHolder(found)


def hash_of(text: str) -> str:
    """A key has 256 random bits: what makes guessing passwords slow would only make each request slow."""
    return hashlib.sha256(text.encode()).hexdigest()


def _note_use(key: ApiKey, address: str) -> None:
    at = now()
    if key.last_used_at is None or at - key.last_used_at > WRITTEN_EVERY:
        ApiKey.objects.of(key.estate_id).filter(pk=key.pk).update(last_used_at=at)
    if address in key.addresses:
        return
    with unit_of_work():
        held = ApiKey.objects.of(key.estate_id).select_for_update().get(pk=key.pk)
        if address in held.addresses:
            return
        held.addresses = [*held.addresses, address][-MOST_ADDRESSES:]
        held.save(update_fields=["addresses"])
        itself = Actor(kind="key", id=key.pk, name=key.name)
        record(itself, "estates.key.used_from_new_address", key, {"address": address, "prefix": key.prefix})


def _is_live() -> Q:
    return Q(revoked_at__isnull=True, expires_at__gt=now())


def keys_of(estate: Estate, given: Mapping[str, str]) -> QuerySet[ApiKey]:
    """The estate's keys: `q` in name or prefix, `state`. Raises `FilterNotValid`."""
    keys = ApiKey.objects.of(estate).select_related("created_by__user")
    if given.get("state"):
        keys = keys.filter(one_of(STATES, given["state"], "state")())
    return searched(keys, given, "name", "prefix")


#: What `?state=` takes, each with the condition as it holds now.
STATES: Final[dict[str, Callable[[], Q]]] = {
    "live": _is_live,
    "expired": lambda: Q(revoked_at__isnull=True, expires_at__lte=now()),
    "revoked": lambda: Q(revoked_at__isnull=False),
}


def state_of(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "live" if key.expires_at > now() else "expired"


def key_view(key: ApiKey) -> KeyView:
    return KeyView(
        id=key.pk,
        name=key.name,
        prefix=key.prefix,
        state=state_of(key),
        permissions=key.permissions,
        created_by=KeyMaker(member_id=key.created_by_id, name=key.created_by.user.name),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )


def made_key(key: ApiKey, text: str) -> MadeKey:
    """The same with the key itself."""
    view = key_view(key)
    return MadeKey(key=text, **{name: getattr(view, name) for name in KeyView.__struct_fields__})
