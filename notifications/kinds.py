"""Kinds of notifications: each feature declares in its `notices.py` what it tells people, and by which ways."""

from collections.abc import Collection
from dataclasses import dataclass

from estates.members import Member
from estates.permissions import Permission
from notifications.states import Channel


@dataclass(frozen=True, slots=True)
class Kind:
    """`channels`: by which it is told. `default`: those that are on until somebody says otherwise. `is_mandatory`: it
    is shown, and cannot be switched off. `permission`: whom it concerns; everybody, where it is None. `disturbs`: it
    makes itself heard, so quiet hours hold it back.
    """

    key: str
    title: str
    channels: tuple[Channel, ...]
    default: frozenset[Channel]
    is_mandatory: bool
    permission: Permission | None
    disturbs: bool = True

    def can_be_chosen(self, channel: Channel) -> bool:
        """What is on the screen of who is looking disturbs nobody: that is always on."""
        return not self.is_mandatory and channel in self.channels and channel is not Channel.WEBSOCKET

    def concerns(self, member: Member) -> bool:
        return self.permission is None or member.may(self.permission)


#: By key, in the order of their declaration.
kinds: dict[str, Kind] = {}


def notification_kind(
    key: str,
    title: str,
    *,
    channels: Collection[Channel],
    default: Collection[Channel] = (),
    is_mandatory: bool = False,
    permission: Permission | None = None,
    disturbs: bool = True,
) -> Kind:
    """Declare a kind. What goes out as an emergency must be mandatory: nobody's choice may hold it back."""
    if key in kinds:
        raise ValueError(f"{key} is declared twice")
    if not set(default) <= set(channels):
        raise ValueError(f"{key} is on by a way by which it is not told")
    kind = Kind(
        key=key,
        title=title,
        channels=tuple(channels),
        default=frozenset(channels if is_mandatory else default),
        is_mandatory=is_mandatory,
        permission=permission,
        disturbs=disturbs,
    )
    kinds[key] = kind
    return kind


def kinds_for(member: Member) -> list[Kind]:
    """Those that concern the member, what cannot be switched off first."""
    return sorted(
        (kind for kind in kinds.values() if kind.concerns(member)), key=lambda kind: not kind.is_mandatory
    )
