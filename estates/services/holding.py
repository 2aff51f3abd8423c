"""One change at a time, where two would each find a name free, a home empty, or the other one still manager."""

from core.text import clean_text
from estates.errors import NameMissing
from estates.models import Estate


def hold_estate(estate: Estate) -> None:
    """Lock the estate until the commit."""
    Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)


def words_of(given: str, field: str) -> str:
    """A name in one line, with single spaces. Raises `NameMissing`."""
    words = " ".join(clean_text(given).split())
    if not words:
        raise NameMissing(field=field)
    return words
