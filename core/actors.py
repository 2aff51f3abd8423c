"""Who did it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["member", "user", "system", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody or something that acts: stands in the audit log and on every event.

    `id` is the membership's id for a member, the user's for a user outside any estate, None for the system.
    """

    kind: ActorKind
    id: UUID | None
    name: str


SYSTEM = Actor(kind="system", id=None, name="ClustR")
