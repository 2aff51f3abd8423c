"""A membership that acts, or an API key in its place."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.actors import Actor
from estates.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Actor):
    """Somebody acting in one estate, with what he may do there, read once at the door.

    `id`: the membership's; of an API key (`kind` is then "key") its own, and so is `user_id`. `roles_until`: when the
    first of the roles expires, None where none does. `session_key`: the sign-in behind it, empty where there is none
    (an SMS, a task). `lacks_second_factor`: the estate wants one of him, and until he has it he may raise an SOS and
    nothing else.
    """

    id: UUID
    estate_id: UUID
    user_id: UUID
    role_keys: frozenset[str]
    permissions: frozenset[Permission]
    role_epoch: int
    roles_until: datetime | None = None
    lacks_second_factor: bool = False
    session_key: str = ""

    def __hash__(self) -> int:
        # Of sets with thousands of members, whose every field would be hashed again and again.
        return hash(self.id.int)

    def signed_in(self, session_key: str) -> "Member":
        """The same member, with this sign-in behind him."""
        return self if session_key == self.session_key else replace(self, session_key=session_key)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions
