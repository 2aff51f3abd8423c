"""Housekeeping of the log."""

from django.db.models import Max

from core.background import every, task
from core.personal_data import kept_since
from core.unit_of_work import unit_of_work
from realtime.models import DeviceLease, Event, Stream

every(seconds=3600, name="realtime.trim")


@task("realtime.trim")
def trim() -> None:
    """Delete what has had its time, stream by stream, and say in each up to where it was done."""
    oldest = kept_since("realtime.events")
    for row in Event.objects.filter(at__lt=oldest).values("stream").annotate(last=Max("offset")):
        with unit_of_work():
            Stream.objects.across_estates().filter(pk=row["stream"], tail__lt=row["last"]).update(
                tail=row["last"]
            )
            Event.objects.filter(stream=row["stream"], offset__lte=row["last"]).delete()
    DeviceLease.objects.across_estates().filter(expires_at__lt=oldest).delete()
