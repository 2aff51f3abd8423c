"""An authenticator app on a phone (TOTP, RFC 6238), as its owner uses it."""

import base64
import hashlib
import hmac
import struct
import time

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from tests.support.cast import Person


def code_of(secret: str, *, steps: int = 0) -> str:
    """The six digits that it shows, or showed or will show so many steps of 30 s from now: none is taken twice."""
    counter = int(time.time()) // 30 + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def give_second_factor(person: Person) -> str:
    """The secret of an app that he has set up at some time."""
    secret: str = generate_totp_secret()
    TOTP.activate(person.user, secret)
    return secret
