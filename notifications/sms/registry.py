"""The providers by name, and the one that the settings choose."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver

from notifications.sms.base import Provider
from notifications.sms.console import ConsoleProvider

#: Where a provider reports to. Spelt out because it is given to the provider in full, before there is any request.
CALLBACK_PATH = "/webhooks/twilio/sms/{delivery_id}/"


def _console() -> Provider:
    return ConsoleProvider(outbox=Path(settings.DATA_DIR) / "sms.log")


def _twilio() -> Provider:
    # Imported here: the library takes a second to load, and only those who use it should wait for it.
    from notifications.sms.twilio import TwilioProvider

    return TwilioProvider(
        account_sid=settings.CLUSTR_TWILIO["account_sid"],
        auth_token=settings.CLUSTR_TWILIO["auth_token"],
        sender=settings.CLUSTR_TWILIO["from"],
        messaging_service_sid=settings.CLUSTR_TWILIO["messaging_service_sid"],
        base_url=settings.CLUSTR_TWILIO["base_url"],
        callback_url=settings.CLUSTR_PUBLIC_URL.rstrip("/") + CALLBACK_PATH,
    )


_makers: dict[str, Callable[[], Provider]] = {"console": _console, "twilio": _twilio}


@cache
def get_provider(name: str = "") -> Provider:
    """The provider of this name; without one, the provider that new messages go through.

    One per process: it keeps connections open.
    """
    if not name:
        return get_provider(settings.CLUSTR_SMS_PROVIDER)
    if name not in _makers:
        raise ImproperlyConfigured(f"CLUSTR_SMS_PROVIDER: {name!r} is none of {', '.join(sorted(_makers))}")
    return _makers[name]()


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting.startswith("CLUSTR_") or setting == "DATA_DIR":
        get_provider.cache_clear()
