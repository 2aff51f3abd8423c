"""A new key for web push, as it stands in `CLUSTR_VAPID_PRIVATE_KEY`."""

from typing import Any

from django.core.management.base import BaseCommand

from notifications.push.keys import make_private_key


class Command(BaseCommand):
    help = (
        "Print a new key for web push. With another key than before, every device has to be turned on again."
    )

    def handle(self, *args: object, **options: Any) -> None:
        self.stdout.write(make_private_key())
