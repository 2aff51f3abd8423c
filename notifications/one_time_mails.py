"""Mails that somebody is waiting for: no delivery of the record, because nobody tries again on their own account."""

import logging
import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.mails import sends_mails
from notifications.email.base import Mail
from notifications.email.registry import get_provider
from notifications.sms.base import Refused

log = logging.getLogger(__name__)

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@sends_mails
def send_mail(to: str, subject: str, text: str, html: str) -> bool:
    """Hand it to the provider once. Where the answer was lost it may have arrived: its reader sees, and asks again.

    A subject often holds a name that somebody chose: what would begin another header becomes a space. An address
    that is none is refused.
    """
    try:
        validate_email(to)
    except ValidationError:
        log.warning("A mail was not sent: its address is none")
        return False
    result = get_provider().send(Mail(to=to, subject=_BREAKS.sub(" ", subject).strip(), text=text, html=html))
    if isinstance(result, Refused):
        log.warning("A mail was not sent (%s %s)", result.code, result.detail)
        return False
    return True
