"""What a person says of himself: his name, and the language of his dates."""

import unicodedata
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from accounts.record import record
from core.errors import Invalid
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.errors import NameMissing
from estates.models import Membership
from estates.services.people import outdate

LONGEST_NAME: Final = 200


class NameNotValid(Invalid):
    code = "name_not_valid"
    title = "This is not a name"


class LanguageUnknown(Invalid):
    code = "language_unknown"
    title = "There is no such language here"


def change_profile(*, user: User, name: str | None = None, language: str | None = None) -> User:
    """Another name, another language; None leaves one as it is. What changed stands on the record of each estate.

    A new name is what each estate's people read from now on; what was written under the old one (alerts, the record)
    keeps it. Raises `NameMissing`, `NameNotValid`, `LanguageUnknown`.
    """
    wanted: dict[str, str] = {}
    if name is not None:
        wanted["name"] = _name_of(name)
    if language is not None:
        wanted["language"] = _language_of(language)
    with unit_of_work():
        held: QuerySet[User] = User.objects.select_for_update(no_key=True)
        row = held.get(pk=user.pk)
        changes = {
            field: [getattr(row, field), value]
            for field, value in wanted.items()
            if getattr(row, field) != value
        }
        if changes:
            User.objects.filter(pk=row.pk).update(**{field: new for field, (_, new) in changes.items()})
            record(user, "accounts.profile.changed", changes)
            if "name" in changes:
                # Open sockets carry it: they are told who he is now.
                outdate(Membership.objects.across_estates().filter(user=row))
        row.refresh_from_db(fields=["name", "language"])
        return row


def _name_of(given: str) -> str:
    """One line, with a letter of whatever script in it."""
    words = " ".join(clean_text(given).split())
    if not words:
        raise NameMissing(field="name")
    if len(words) > LONGEST_NAME:
        raise NameNotValid(f"A name has at most {LONGEST_NAME} characters.", field="name")
    if not any(character.isalpha() for character in words):
        raise NameNotValid("A name has at least one letter.", field="name")
    if any(
        unicodedata.category(character) in ("Cf", "Co", "Cn") for character in words.replace("\u200d", "")
    ):
        # They turn the order of what stands beside them around, or are not seen: two names would look the same.
        raise NameNotValid("There are characters in it that nobody sees.", field="name")
    return words


def _language_of(given: str) -> str:
    known = dict(settings.LANGUAGES)
    if given not in known:
        raise LanguageUnknown(f"Use one of: {', '.join(known)}.", field="language")
    return given
