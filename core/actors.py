"""Who did it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["member", "key", "support", "user", "system", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody or something that acts: stands in the audit log and on every event.

    `id`: the membership's of a member, the API key's of a key, the access's of a platform admin's
    support, the user's of a user outside any estate; the system has
    none.
    """

    kind: ActorKind
    id: UUID | None
    name: str


SYSTEM = Actor(kind="system", id=None, name="ClustR")
