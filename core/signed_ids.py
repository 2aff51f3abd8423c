"""An id under a signature, for whoever has no sign-in: he can say which row he means, and cannot name another's."""

import base64
import hmac
from typing import Final
from uuid import UUID

from django.utils.crypto import salted_hmac

#: 96 bits: it must fit into a text, and each guess is a request to us.
_MAC_BYTES: Final = 12


def sign_id(named: UUID, salt: str) -> str:
    """38 characters that may stand in an address. `salt`: what it is for; no other purpose takes it."""
    content = named.bytes + salted_hmac(salt, named.bytes, algorithm="sha256").digest()[:_MAC_BYTES]
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def read_signed_id(token: str, salt: str) -> UUID | None:
    """The id; None where we did not make the token for this."""
    try:
        content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        named = UUID(bytes=content[:16])
    except ValueError:
        return None
    # The whole of it: base64 leaves bits over at the end, and one token must have one spelling.
    return named if hmac.compare_digest(token.encode(), sign_id(named, salt).encode()) else None
