"""The provider that the settings choose."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from notifications.email.base import Provider
from notifications.email.console import ConsoleProvider
from notifications.email.smtp import MailServer, SMTPProvider


@cache
def get_provider() -> Provider:
    """What mails go through: the server of `CLUSTR_EMAIL_URL`, or the console where there is none."""
    if server := settings.CLUSTR_EMAIL_SERVER:
        return SMTPProvider(server=MailServer(**server), sender=settings.CLUSTR_EMAIL_FROM)
    return ConsoleProvider(outbox=Path(settings.DATA_DIR) / "mail.log")


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting.startswith("CLUSTR_EMAIL") or setting == "DATA_DIR":
        get_provider.cache_clear()
