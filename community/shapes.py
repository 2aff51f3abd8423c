"""The directory of neighbours, as a client reads it and sends what he shows of himself."""

from enum import StrEnum

from core.shapes import Page, Shape, View


class Audience(StrEnum):
    """Who sees a field, beside the estate's management."""

    NOBODY = "nobody"
    NEIGHBOURS = "neighbours"


class ChangePrivacy(Shape):
    """What is absent or null stays as it is."""

    name: Audience | None = None
    unit: Audience | None = None
    phone: Audience | None = None
    email: Audience | None = None


class PrivacyView(View):
    """Who sees which field of the caller's. `neighbours`: residents of this estate."""

    name: Audience
    unit: Audience
    phone: Audience
    email: Audience


class NeighbourView(View):
    """What a neighbour chose to show. `units`: where he lives today; empty, and the others null, where he hides it."""

    name: str
    units: list[str]
    phone: str | None
    email: str | None


class NeighbourPage(Page):
    results: list[NeighbourView]
