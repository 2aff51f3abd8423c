"""Guard posts."""

from typing import ClassVar, Final

from django.db import models
from django.db.models.functions import Lower

from core.clock import now
from core.ids import new_id
from estates.scope import EstateScopedModel

#: Seconds without its tablet after which a post is dark, at least and at most. A tablet that comes back after a restart
#: may take 30.
SHORTEST_DARK_S: Final = 30
LONGEST_DARK_S: Final = 3600
#: Seconds for which a post may be dark before anybody is texted, at most.
LONGEST_TEXT_S: Final = 3600


class Post(EstateScopedModel):
    """A place that is guarded, such as a gate or a patrol base, and the tablet that stands there.

    An archived one stays for the record, without a tablet. The last three times are the watch's own notes: they stand
    here, because the lease of a tablet that has gone does not stay.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    device = models.CharField(max_length=64, null=True, blank=True, help_text="As it connects")
    dark_after_s = models.PositiveIntegerField(default=60)
    dark_sms_after_s = models.PositiveIntegerField(default=60)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    #: Since when no live lease of the device is known.
    away_since = models.DateTimeField(null=True, blank=True)
    #: Since when the alarm stands.
    dark_since = models.DateTimeField(null=True, blank=True)
    #: When somebody was texted about this darkness.
    texted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["estate", "device"],
                condition=models.Q(device__isnull=False),
                name="post_device_unique",
            ),
            models.UniqueConstraint(
                "estate", Lower("name"), condition=models.Q(is_active=True), name="post_name_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(dark_after_s__range=(SHORTEST_DARK_S, LONGEST_DARK_S))
                & models.Q(dark_sms_after_s__lte=LONGEST_TEXT_S),
                name="post_delays_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(is_active=True) | models.Q(device__isnull=True, dark_since__isnull=True),
                name="post_archived_without_device",
            ),
        ]

    def __str__(self) -> str:
        return self.name
