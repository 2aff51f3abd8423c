"""The link in a responder's text: "I have it" with one tap and without signing in.

It names the delivery that it was sent with, and with that one alert and one person, under a signature. So nothing is
kept for it, and who reads one text can answer for nobody else.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from core.errors import NotFound
from core.signed_ids import read_signed_id, sign_id

#: Long after an alert nobody needs it, and old texts lie about.
GOOD_FOR: Final = timedelta(hours=12)

_SALT = "clustr.emergency.link"


class LinkNotValid(NotFound):
    """Not made by us, too old, or of somebody who may not answer any more: which of them is not told."""

    code = "link_not_valid"
    title = "This link does not work any more"


def link_of(delivery_id: UUID) -> str:
    """The address that goes into the text of this delivery."""
    return settings.CLUSTR_PUBLIC_URL + path_of(delivery_id)


def path_of(delivery_id: UUID) -> str:
    """The same without the host."""
    return f"/a/{token_of(delivery_id)}/"


def token_of(delivery_id: UUID) -> str:
    """38 characters that may stand in an address."""
    return sign_id(delivery_id, _SALT)


def delivery_behind(token: str) -> UUID:
    """The delivery that the link came with. Raises `LinkNotValid`."""
    named = read_signed_id(token, _SALT)
    if named is None:
        raise LinkNotValid
    return named
