"""Who a client is and what he may hear, by the token that he shows."""

from collections.abc import Sequence

from core.errors import ClustrError
from estates.errors import PermissionMissing
from estates.members import Member
from estates.permissions import Permission
from realtime.frames import Connect
from realtime.tokens import Claim, members_behind, redeem, renewed
from realtime.topics import Topic, topics_of

#: Who it is, what he may hear, and the token with which he can come back.
Entry = tuple[Member, list[Topic], str]


def admit(connects: Sequence[Connect]) -> list[Entry | ClustrError]:
    """Who each of them is and what he may hear. What changes later, `standing` finds."""
    claims = [_claim_of(connect) for connect in connects]
    members = members_behind([claim for claim in claims if isinstance(claim, Claim)])
    return [
        _entry(connect, claim, members[claim]) if isinstance(claim, Claim) else claim
        for connect, claim in zip(connects, claims, strict=True)
    ]


def _claim_of(connect: Connect) -> Claim | ClustrError:
    try:
        return redeem(token=connect.token, resume_token=connect.resume_token)
    except ClustrError as error:
        return error


def _entry(connect: Connect, claim: Claim, member: Member | ClustrError) -> Entry | ClustrError:
    if isinstance(member, ClustrError):
        return member
    if not member.may(Permission.USE_REALTIME):
        return PermissionMissing(permission=Permission.USE_REALTIME.value)
    return member, topics_of(member), renewed(connect.resume_token or "", member, claim)
