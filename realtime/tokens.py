"""Tokens that open a socket: one for the first time, one for coming back. Neither ever stands in a URL."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec
from django.core import signing

from accounts.authentication import open_session_key, seal_session_key
from accounts.sessions import live_sessions
from core.clock import now
from core.errors import Unauthenticated
from core.shapes import View
from estates.members import Member
from estates.selectors import members_by_ids

#: Seconds that a connection token may be used.
CONNECTION_TOKEN_S = 60
#: Seconds after which a resume token is worth no more than a sign-in.
RESUME_TOKEN_S = 3600

_CONNECTION = "clustr.realtime.connection"
_RESUME = "clustr.realtime.resume"


class TokenNotValid(Unauthenticated):
    code = "token_not_valid"
    title = "The token is not valid"


class ConnectionToken(View):
    """`expires_at`: until when `connect` may be sent with it."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who a token speaks for."""

    estate_id: UUID
    member_id: UUID
    role_epoch: int
    session_key: str
    issued_at: int
    salt: str

    def __hash__(self) -> int:
        return hash(self.member_id.int)


def issue_connection_token(actor: Member) -> ConnectionToken:
    """A token for one person in one estate, good for `CONNECTION_TOKEN_S`."""
    return ConnectionToken(
        token=_sign(actor, _CONNECTION), expires_at=now() + timedelta(seconds=CONNECTION_TOKEN_S)
    )


def issue_resume_token(actor: Member) -> str:
    """A token for coming back after a break, bound to the sign-in and the roles of now."""
    return _sign(actor, _RESUME)


def redeem(*, token: str | None, resume_token: str | None) -> Claim:
    """What a `connect` frame's token says. Raises `TokenNotValid`. Whether it still holds, `members_behind` knows."""
    if token is not None:
        return _claim(token, _CONNECTION, CONNECTION_TOKEN_S)
    if resume_token is not None:
        return _claim(resume_token, _RESUME, RESUME_TOKEN_S)
    raise TokenNotValid("Give a token or a resume_token.", field="token")


def members_behind(claims: Iterable[Claim]) -> dict[Claim, Member | TokenNotValid]:
    """Each claim's member, or why it is worth nothing any more: two queries for any number of claims."""
    claims = set(claims)
    members = members_by_ids({claim.member_id for claim in claims})
    keys = {claim.session_key for claim in claims if claim.session_key}
    live = live_sessions(keys) if keys else set()
    return {claim: _standing(claim, members.get(claim.member_id), live) for claim in claims}


def _standing(claim: Claim, member: Member | None, live: set[str]) -> Member | TokenNotValid:
    if member is None or member.estate_id != claim.estate_id:
        return TokenNotValid("This membership has ended.")
    if claim.session_key and claim.session_key not in live:
        return TokenNotValid("The sign-in behind the token has ended.")
    if member.role_epoch != claim.role_epoch:
        return TokenNotValid("The roles have changed since the token was made; get a new one.")
    return member.signed_in(claim.session_key)


def renewed(token: str, actor: Member, claim: Claim) -> str:
    """A resume token for the next time: the one that was given while it is young, else a new one."""
    is_young = claim.salt == _RESUME and now().timestamp() - claim.issued_at < RESUME_TOKEN_S / 2
    return token if is_young else issue_resume_token(actor)


def _sign(actor: Member, salt: str) -> str:
    content = (
        actor.estate_id.bytes,
        actor.id.bytes,
        actor.role_epoch,
        seal_session_key(actor.session_key),
        int(now().timestamp()),
    )
    return _signer(salt).sign(signing.b64_encode(msgspec.msgpack.encode(content)).decode())


def _claim(token: str, salt: str, max_age_s: int) -> Claim:
    try:
        content = signing.b64_decode(_signer(salt).unsign(token, max_age=max_age_s).encode())
    except signing.SignatureExpired:
        raise TokenNotValid("The token has expired; get a new one.") from None
    except signing.BadSignature:
        raise TokenNotValid("The token was not made by this server.") from None
    estate_id, member_id, role_epoch, sealed, issued_at = _content.decode(content)
    return Claim(
        estate_id=UUID(bytes=estate_id),
        member_id=UUID(bytes=member_id),
        role_epoch=role_epoch,
        session_key=open_session_key(sealed),
        issued_at=issued_at,
        salt=salt,
    )


#: Estate, member, role epoch, sealed session key, seconds since the epoch.
_content = msgspec.msgpack.Decoder(tuple[bytes, bytes, int, str, int])


@lru_cache
def _signer(salt: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=salt)
