"""Texts with one-time codes: no delivery of the record, because nobody tries again on their own account."""

import logging

from accounts.texts import sends_texts
from core.ids import new_id
from notifications.sms.base import Accepted, Ambiguous, Message
from notifications.sms.registry import get_provider

log = logging.getLogger(__name__)


@sends_texts
def send_text(phone: str, body: str, valid_s: int) -> bool:
    """Hand it to the provider once. Whether it arrived where the answer was lost, its reader sees: he asks again."""
    message = Message(delivery_id=new_id(), to=phone, body=body, validity_s=valid_s)
    result = get_provider().send(message)
    if isinstance(result, Accepted | Ambiguous):
        return True
    log.warning("A one-time code was not sent (%s)", result)
    return False
