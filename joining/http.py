"""The base of every endpoint of an estate here."""

from typing import ClassVar

from estates.http import EstateView


class PersonView(EstateView):
    """Somebody stands behind who is let in, and can be asked later why: an API key is nobody."""

    takes_keys: ClassVar = False
