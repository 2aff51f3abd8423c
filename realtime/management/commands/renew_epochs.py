"""To be run after a restore from a backup: the log's history is another one now."""

from django.core.management.base import BaseCommand
from django.db.models.expressions import RawSQL

from realtime.models import Stream, new_epoch
from realtime.publishing import database_clock


class Command(BaseCommand):
    help = (
        "Give every stream a new epoch, so that clients read a snapshot instead of trusting older positions."
    )

    def handle(self, *args: object, **options: object) -> None:
        streams = list(Stream.objects.across_estates().only("pk"))
        for stream in streams:
            stream.epoch = new_epoch()
        Stream.objects.across_estates().bulk_update(streams, ["epoch"], batch_size=500)
        # So that the head poll of running processes sees them.
        Stream.objects.across_estates().update(changed_at=RawSQL(database_clock(), []))  # noqa: S611
        self.stdout.write(f"{len(streams)} streams have a new epoch.")
