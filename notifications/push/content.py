"""What a push delivery says, as it is kept and as it is sent."""

import base64

from msgspec import structs

from core.shapes import encode, read_json
from notifications.models import Delivery
from notifications.push.base import Notice
from notifications.push.receipts import receipt_of


def body_of(notice: Notice) -> str:
    """As it stands in the record, without the token that only the browser gets."""
    return encode(notice).decode()


def content_for(row: Delivery) -> bytes:
    """What the browser decrypts."""
    return encode(structs.replace(read_json(row.body, Notice), receipt=receipt_of(row.pk)))


def topic_of(row: Delivery) -> str:
    """One for each subject, in at most 32 characters of base64url (RFC 8030, 5.4): while a device is off, only the
    newest message about an alert waits for it.
    """
    return base64.urlsafe_b64encode(row.subject_id.bytes).rstrip(b"=").decode()
