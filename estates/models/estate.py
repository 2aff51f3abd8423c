"""The estate itself."""

from django.conf import settings
from django.db import models

from core.clock import now
from core.ids import new_id


class Estate(models.Model):
    """A gated community: the tenant of everything."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name")
    country = models.CharField(max_length=2, default="NG", help_text="ISO 3166-1 alpha-2")
    is_suspended = models.BooleanField(default=False)
    is_second_factor_required = models.BooleanField(
        default=False, db_default=False, help_text="Of managers and security heads"
    )
    founded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_being_set_up = models.BooleanField(
        default=False, db_default=False, help_text="Its manager starts on the page that says how to begin"
    )
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name
