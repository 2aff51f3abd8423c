"""Moments on pages that belong to no estate, and so to no time zone but the reader's."""

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def moment(at: datetime) -> SafeString:
    """A `<time>` in UTC, which says so; `moments.js` puts it into the reader's own time."""
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-moment>{} UTC</time>',
        utc.isoformat(timespec="seconds"),
        utc.strftime("%d %b %Y, %H:%M"),
    )
