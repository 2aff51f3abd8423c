"""The link in a responder's text: "I have it" with one tap and without signing in.

It names the delivery that it was sent with, and with that one alert and one person, under a signature. So nothing is
kept for it, and who reads one text can answer for nobody else.
"""

import base64
import hmac
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from core.errors import NotFound

#: Long after an alert nobody needs it, and old texts lie about.
GOOD_FOR: Final = timedelta(hours=12)

_SALT = "clustr.emergency.link"
#: 96 bits: a link must fit into a text, and each guess is a request to us.
_MAC_BYTES = 12


class LinkNotValid(NotFound):
    """Not made by us, too old, or of somebody who may not answer any more: which of them is not told."""

    code = "link_not_valid"
    title = "This link does not work any more"


def link_of(delivery_id: UUID) -> str:
    """The address that goes into the text of this delivery."""
    return f"{settings.CLUSTR_PUBLIC_URL}/a/{token_of(delivery_id)}/"


def token_of(delivery_id: UUID) -> str:
    """38 characters that may stand in an address."""
    content = delivery_id.bytes + _mac(delivery_id.bytes)
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def delivery_behind(token: str) -> UUID:
    """The delivery that the link came with. Raises `LinkNotValid`."""
    try:
        content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        named = UUID(bytes=content[:16])
    except ValueError:
        raise LinkNotValid from None
    # The whole of it: base64 leaves bits over at the end, and one link must have one spelling.
    if not hmac.compare_digest(token.encode(), token_of(named).encode()):
        raise LinkNotValid
    return named


def _mac(named: bytes) -> bytes:
    return salted_hmac(_SALT, named, algorithm="sha256").digest()[:_MAC_BYTES]
