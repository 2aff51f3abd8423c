"""One way to talk about a delivery with whichever provider carries its channel."""

from datetime import datetime
from typing import Final, Protocol

from notifications import sms, voice
from notifications.models import Delivery
from notifications.push import registry as push
from notifications.push.base import PushMessage
from notifications.push.content import content_for, topic_of
from notifications.push.selectors import still_wakeable
from notifications.sms.base import Message, Report, SendResult, Sighting
from notifications.states import Channel
from notifications.voice.base import Call

#: Most a message of an emergency may wait at the provider: an hour late it does harm.
VALIDITY_S: Final = 120


class Carrier(Protocol):
    """What a provider does with deliveries. Used from several threads at once; never touches the database."""

    @property
    def name(self) -> str:
        """The provider's, as the delivery keeps it."""
        ...

    def send(self, row: Delivery) -> SendResult: ...

    def find(self, row: Delivery, *, since: datetime) -> list[Sighting]:
        """Raises `ProviderSilent`."""
        ...

    def fetch(self, row: Delivery) -> Report | None:
        """Raises `ProviderSilent`."""
        ...

    def hang_up(self, row: Delivery) -> Report | None:
        """Raises `ProviderSilent`."""
        ...


class Texts:
    def __init__(self, provider: str) -> None:
        self._provider = sms.get_provider(provider)
        self.name = self._provider.name

    def send(self, row: Delivery) -> SendResult:
        return self._provider.send(_message(row))

    def find(self, row: Delivery, *, since: datetime) -> list[Sighting]:
        return self._provider.find(_message(row), since=since)

    def fetch(self, row: Delivery) -> Report | None:
        return self._provider.fetch(row.provider_id)

    def hang_up(self, row: Delivery) -> Report | None:
        """A text that has left cannot be stopped."""
        return None


class Calls:
    def __init__(self, provider: str) -> None:
        self._provider = voice.get_provider(provider)
        self.name = self._provider.name

    def send(self, row: Delivery) -> SendResult:
        return self._provider.place(_call(row))

    def find(self, row: Delivery, *, since: datetime) -> list[Sighting]:
        return self._provider.find(_call(row), since=since)

    def fetch(self, row: Delivery) -> Report | None:
        return self._provider.fetch(row.provider_id)

    def hang_up(self, row: Delivery) -> Report | None:
        return self._provider.hang_up(row.provider_id)


class Pushes:
    """`browser`: None where nobody is signed in on it any more. Made in the thread that may use the database."""

    def __init__(self, row: Delivery) -> None:
        self._provider = push.get_provider()
        self.name = self._provider.name
        self.browser = still_wakeable(row)

    def send(self, row: Delivery) -> SendResult:
        if self.browser is None:
            raise ValueError("there is no browser to push to")
        return self._provider.send(
            PushMessage(
                endpoint=self.browser.endpoint,
                p256dh=self.browser.p256dh,
                auth=self.browser.auth,
                content=content_for(row),
                topic=topic_of(row),
                ttl_s=_validity_s(row),
                is_urgent=row.is_emergency,
            )
        )

    def find(self, row: Delivery, *, since: datetime) -> list[Sighting]:
        """Nothing: a push service cannot be asked. What is sent again has the same tag, and is one on the screen."""
        return []

    def fetch(self, row: Delivery) -> Report | None:
        return None

    def hang_up(self, row: Delivery) -> Report | None:
        return None


def carrier_of(row: Delivery, *, is_new: bool = False) -> Carrier:
    """The provider that has the delivery; `is_new`: the one that the settings choose."""
    name = "" if is_new else row.provider
    match row.channel:
        case Channel.VOICE:
            return Calls(name)
        case Channel.PUSH:
            return Pushes(row)
        case _:
            return Texts(name)


def make_ready() -> None:
    """A provider's library may take a second to load: in an idle moment, not before the first SOS's first text."""
    sms.get_provider()
    if voice.is_set_up():
        voice.get_provider()


def _message(row: Delivery) -> Message:
    return Message(
        delivery_id=row.pk,
        to=row.address,
        body=row.body,
        validity_s=_validity_s(row) if row.is_emergency else None,
    )


def _validity_s(row: Delivery) -> int:
    begun = row.attempted_at or row.intended_at
    return max(5, min(VALIDITY_S, int((row.expires_at - begun).total_seconds())))


def _call(row: Delivery) -> Call:
    return Call(delivery_id=row.pk, to=row.address, words=row.body)
