"""The provider that the settings choose: web push where this installation has a key, else the console."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from notifications.push.base import PushProvider
from notifications.push.console import ConsolePush
from notifications.push.keys import public_key_of


@cache
def get_provider() -> PushProvider:
    """One per process: it keeps connections open."""
    if not settings.CLUSTR_VAPID_PRIVATE_KEY:
        return ConsolePush(outbox=Path(settings.DATA_DIR) / "push.log")
    # Imported here: the library takes a second to load, and only those who use it should wait for it.
    from notifications.push.webpush import WebPushProvider

    return WebPushProvider(
        private_key=settings.CLUSTR_VAPID_PRIVATE_KEY, subject=settings.CLUSTR_VAPID_SUBJECT
    )


@cache
def public_key() -> str | None:
    """What browsers subscribe with; None where nothing could wake them."""
    return public_key_of(settings.CLUSTR_VAPID_PRIVATE_KEY) if settings.CLUSTR_VAPID_PRIVATE_KEY else None


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting.startswith("CLUSTR_") or setting == "DATA_DIR":
        get_provider.cache_clear()
        public_key.cache_clear()
