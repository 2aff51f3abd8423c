"""The providers of calls by name, and the one that the settings choose."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver

from notifications.voice.base import Provider
from notifications.voice.console import ConsoleProvider

#: Where a provider asks what to say and reports to, by what it has to say. Spelt out because it is given to the
#: provider in full, before there is any request.
CALLBACK_PATH: Final = "/webhooks/twilio/voice/{delivery_id}/{what}/"


def _console() -> Provider:
    return ConsoleProvider(outbox=Path(settings.DATA_DIR) / "calls.log")


def _twilio() -> Provider:
    # Imported here: the library takes a second to load, and only those who use it should wait for it.
    from notifications.voice.twilio import TwilioProvider

    return TwilioProvider(
        account_sid=settings.CLUSTR_TWILIO["account_sid"],
        auth_token=settings.CLUSTR_TWILIO["auth_token"],
        caller=settings.CLUSTR_TWILIO["voice_from"],
        base_url=settings.CLUSTR_TWILIO["base_url"],
        callback_url=settings.CLUSTR_PUBLIC_URL.rstrip("/") + CALLBACK_PATH,
    )


_makers: dict[str, Callable[[], Provider]] = {"console": _console, "twilio": _twilio}


def is_set_up() -> bool:
    """Whether anybody can be called. Where not, whoever wants to call must find another way."""
    return bool(settings.CLUSTR_VOICE_PROVIDER)


@cache
def get_provider(name: str = "") -> Provider:
    """The provider of this name; without one, the provider that new calls go through.

    One per process: it keeps connections open.
    """
    if not name:
        return get_provider(settings.CLUSTR_VOICE_PROVIDER)
    if name not in _makers:
        raise ImproperlyConfigured(f"CLUSTR_VOICE_PROVIDER: {name!r} is none of {', '.join(sorted(_makers))}")
    return _makers[name]()


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting.startswith("CLUSTR_") or setting == "DATA_DIR":
        get_provider.cache_clear()
