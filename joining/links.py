"""The link in an invitation. It names the invitation and which letter it came with, under a signature.

The secret stands behind the `#`, which a browser keeps to itself: no server's log and no proxy ever sees it.
"""

import base64
import hmac
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from joining.errors import InvitationNotFound
from joining.models import Invitation

_SALT: Final = "clustr.joining.link"
#: 96 bits: a link must fit into a text, and each guess is a request to us.
_MAC_BYTES: Final = 12
_LETTER_BYTES: Final = 2


def link_of(invitation: Invitation) -> str:
    return f"{settings.CLUSTR_PUBLIC_URL}/invited/#{token_of(invitation.pk, invitation.letter)}"


def token_of(invitation_id: UUID, letter: int) -> str:
    """40 characters that may stand in an address."""
    content = invitation_id.bytes + letter.to_bytes(_LETTER_BYTES, "big")
    mac = salted_hmac(_SALT, content, algorithm="sha256").digest()[:_MAC_BYTES]
    return base64.urlsafe_b64encode(content + mac).decode()


def letter_behind(token: str) -> tuple[UUID, int]:
    """The invitation, and the number of its letter. Raises `InvitationNotFound` for what we did not sign."""
    try:
        content = base64.b64decode(token, altchars=b"-_", validate=True)
        invitation_id = UUID(bytes=content[:16])
    except ValueError:
        raise InvitationNotFound from None
    letter = int.from_bytes(content[16 : 16 + _LETTER_BYTES], "big")
    if not hmac.compare_digest(token.encode(), token_of(invitation_id, letter).encode()):
        raise InvitationNotFound
    return invitation_id, letter
