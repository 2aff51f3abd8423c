"""Reads of the directory. Nothing here looks at a field before its owner's choice was looked at."""

from collections.abc import Mapping

from django.db.models import Case, CharField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from community.models import DirectoryEntry
from community.shapes import Audience, NeighbourView, PrivacyView
from core.http.filters import words_of
from estates.members import Member
from estates.models import Estate, Membership, Occupancy
from estates.permissions import RoleKey
from estates.selectors import current_on, holders, today


def lives_here(member: Member, estate: Estate) -> bool:
    """Whether he lives in one of the estate's homes today, and not as a child."""
    return _living(estate).filter(membership_id=member.id).exclude(kind=Occupancy.Kind.CHILD).exists()


def neighbours_of(estate: Estate, given: Mapping[str, str]) -> QuerySet[DirectoryEntry]:
    """Residents who show themselves; `q` in what each of them shows. Children are never among them."""
    living = _living(estate)
    children = living.filter(kind=Occupancy.Kind.CHILD)
    rows = (
        DirectoryEntry.objects.of(estate)
        .filter(
            shows_name=True,
            membership__status=Membership.Status.ACTIVE,
            membership__is_known=True,
            membership__user__is_active=True,
            membership__in=living.values("membership"),
        )
        .exclude(membership__in=children.values("membership"))
        .exclude(membership__in=holders(estate.pk, RoleKey.CHILD).values("membership"))
    )
    first_unit = living.filter(membership=OuterRef("membership")).order_by("unit__name")
    rows = rows.annotate(
        shown_name=F("membership__user__name"),
        shown_unit=_shown("shows_unit", Subquery(first_unit.values("unit__name")[:1])),
        shown_phone=_shown("shows_phone", F("membership__user__phone")),
        shown_email=_shown("shows_email", F("membership__user__email")),
    )
    if words := words_of(given):
        at = living.filter(unit__name__icontains=words).values("membership")
        rows = rows.filter(
            Q(shown_name__icontains=words)
            | Q(shows_unit=True, membership__in=at)
            | Q(shown_phone__icontains=words.replace(" ", ""))
            | Q(shown_email__icontains=words)
        )
    homes = living.select_related("unit").order_by("unit__name")
    return rows.prefetch_related(Prefetch("membership__occupancies", queryset=homes, to_attr="homes"))


def neighbour_view(row: DirectoryEntry) -> NeighbourView:
    """Of a row that comes from `neighbours_of`."""
    shown = vars(row)
    homes: list[Occupancy] = row.membership.homes if row.shows_unit else []  # type: ignore[attr-defined]
    return NeighbourView(
        name=shown["shown_name"],
        units=list(dict.fromkeys(home.unit.name for home in homes)),
        phone=shown["shown_phone"] or None,
        email=shown["shown_email"] or None,
    )


def privacy_of(member: Member, estate: Estate) -> PrivacyView:
    """What the member shows; nothing, where he never said anything."""
    row = DirectoryEntry.objects.of(estate).filter(membership_id=member.id).first() or DirectoryEntry()
    return PrivacyView(
        name=_audience(row.shows_name),
        unit=_audience(row.shows_unit),
        phone=_audience(row.shows_phone),
        email=_audience(row.shows_email),
    )


def _audience(is_shown: bool) -> Audience:
    return Audience.NEIGHBOURS if is_shown else Audience.NOBODY


def _shown(choice: str, field: Combinable) -> Case:
    """The field where its owner shows it, an empty text where he does not or has none."""
    return Case(
        When(**{choice: True}, then=Coalesce(field, Value(""), output_field=CharField())),
        default=Value(""),
        output_field=CharField(),
    )


def _living(estate: Estate) -> QuerySet[Occupancy]:
    return Occupancy.objects.of(estate).filter(current_on(today(estate)))
