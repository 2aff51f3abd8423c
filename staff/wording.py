"""What a text message about a guard post says."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from staff.models import Post

#: Names are cut so that a text stays within two segments (GSM 03.38: 153 characters each).
LONGEST_NAME: Final = 40


def text_of_darkness(post: Post) -> str:
    """For whoever is responsible for the guards."""
    since = post.dark_since or post.created_at
    wall = since.astimezone(ZoneInfo(post.estate.time_zone)).strftime("%H:%M")
    return (
        f"{_cut(post.estate.name)}: the tablet of {_cut(post.name)} is dark since {wall}. "
        f"Alerts are not seen there. Please look after it. "
        f"{settings.CLUSTR_PUBLIC_URL}/estates/{post.estate_id}/board/"
    )


def text_of_light(post: Post, at: datetime) -> str:
    """For whoever was told that it was dark."""
    wall = at.astimezone(ZoneInfo(post.estate.time_zone)).strftime("%H:%M")
    return f"{_cut(post.estate.name)}: the tablet of {_cut(post.name)} is back since {wall}."


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "."
