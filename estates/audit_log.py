"""The audit log as members read it: each as much of it as concerns him."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from accounts.erasing import is_erased, pseudonym_of
from accounts.models import User
from core.audit import breaks_in, record
from core.http.filters import FilterNotValid, moment_of, uuid_of
from core.models import AuditChain, AuditEntry
from core.shapes import Page, View
from core.tables.errors import TooManyToExport
from core.tables.writing import MOST_ROWS
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require

#: What a security head reads besides his own deeds.
SECURITY = ("emergency.", "staff.", "gate.", "accounts.")
#: What an accountant reads besides his own deeds.
FINANCE = ("finance.",)

CSV_HEADS = (
    "number",
    "at",
    "actor",
    "actor kind",
    "actor id",
    "action",
    "object",
    "object id",
    "changes",
    "hash",
)


class AuditActor(View):
    """`id`: the member's, or the user's where he acted outside any estate."""

    kind: str
    id: UUID | None
    name: str


class AuditView(View):
    """One thing that was done. `number`: its place in the estate's chain; `hash` covers it and all before it."""

    number: int
    at: datetime
    actor: AuditActor
    action: str
    object_type: str
    object_id: str
    changes: dict[str, Any]
    hash: str


class AuditPage(Page):
    results: list[AuditView]


class AuditCheck(View):
    """`entries`, `head`: how far the chain goes, and its last hash. `breaks`: where it does not hold."""

    entries: int
    head: str
    holds: bool
    breaks: list[str]


#: Filters whose values have a form.
FORMED = frozenset({"actor", "since", "until"})


def entries_for(actor: Member, estate: Estate) -> QuerySet[AuditEntry]:
    """What the actor may read, newest first. Raises `PermissionMissing`."""
    require(actor, Permission.READ_OWN_AUDIT, estate)
    erased = Membership.objects.of(estate).filter(is_erased("user__"), pk=OuterRef("actor_id"))
    users = User.objects.filter(is_erased(), pk=OuterRef("actor_id"))
    entries = (
        AuditEntry.objects.filter(estate_id=estate.pk)
        .annotate(
            erased=Coalesce(
                Subquery(erased.values("user_id")[:1]),
                Subquery(users.values("pk")[:1]),
                output_field=UUIDField(),
            )
        )
        .order_by("-seq")
    )
    if actor.may(Permission.READ_AUDIT):
        return entries
    mine = Q(actor_kind=actor.kind, actor_id=actor.id) | Q(actor_kind="user", actor_id=actor.user_id)
    for permission, areas in (
        (Permission.READ_SECURITY_AUDIT, SECURITY),
        (Permission.READ_FINANCE_AUDIT, FINANCE),
    ):
        if actor.may(permission):
            for area in areas:
                mine |= Q(action__startswith=area)
    return entries.filter(mine)


def narrowed(entries: QuerySet[AuditEntry], given: Mapping[str, str], estate: Estate) -> QuerySet[AuditEntry]:
    """By what stands in the address: `actor`, `action`, `object_type`, `object_id`, `since`, `until`, `q`.

    A day is one at the estate, and `until` a day is to its end. Raises `FilterNotValid`.
    """
    zone = ZoneInfo(estate.time_zone)
    # Nothing to look for leaves out nothing; nothing in the place of an id or a time is a mistake.
    chosen = {name: value.strip() for name, value in given.items() if value.strip() or name in FORMED}
    for name, value in chosen.items():
        if "\x00" in value:
            raise FilterNotValid("There is no such character in the log.", field=name)
    if "actor" in chosen:
        entries = entries.filter(actor_id=uuid_of(chosen["actor"], "actor"))
    if "action" in chosen:
        # "emergency.alert" is every act on alerts, "emergency.alert.closed" one of them.
        action = chosen["action"].rstrip(".")
        entries = entries.filter(Q(action=action) | Q(action__startswith=f"{action}."))
    if "object_type" in chosen:
        entries = entries.filter(target_type=chosen["object_type"])
    if "object_id" in chosen:
        entries = entries.filter(target_id=chosen["object_id"])
    if "since" in chosen:
        entries = entries.filter(at__gte=moment_of(chosen["since"], "since", zone))
    if "until" in chosen:
        entries = entries.filter(at__lt=moment_of(chosen["until"], "until", zone, is_end=True))
    if "q" in chosen:
        words = chosen["q"]
        entries = entries.filter(
            Q(actor_name__icontains=words, erased__isnull=True)
            | Q(action__icontains=words)
            | Q(target_id__iexact=words)
        )
    return entries


def audit_view(entry: AuditEntry) -> AuditView:
    """Of an entry that comes from `entries_for`. Whoever had his account erased is shown under his pseudonym, and not
    what he changed; in the chain it stays as it was, else no hash would hold.
    """
    erased: UUID | None = entry.erased  # type: ignore[attr-defined]
    name = pseudonym_of(erased) if erased else entry.actor_name
    return AuditView(
        number=entry.seq,
        at=entry.at,
        actor=AuditActor(kind=entry.actor_kind, id=entry.actor_id, name=name),
        action=entry.action,
        object_type=entry.target_type,
        object_id=entry.target_id,
        changes={} if erased else entry.changes,
        hash=entry.hash,
    )


def export_record(*, actor: Member, estate: Estate, given: Mapping[str, str]) -> list[AuditView]:
    """The same entries for a file, oldest first, and the export itself on the record.

    Raises as `entries_for` and `narrowed`, and `TooManyToExport`.
    """
    entries = narrowed(entries_for(actor, estate), given, estate)
    with unit_of_work():
        rows = list(entries[: MOST_ROWS + 1])
        if len(rows) > MOST_ROWS:
            raise TooManyToExport(f"One file holds {MOST_ROWS} entries. Narrow it down by date.")
        record(actor, "core.audit.exported", estate, {"entries": len(rows)}, estate_id=estate.pk)
    return [audit_view(row) for row in reversed(rows)]


def check_record(*, actor: Member, estate: Estate) -> AuditCheck:
    """Walk the estate's chain. Raises `PermissionMissing` for who may not read the whole of it."""
    require(actor, Permission.READ_AUDIT, estate)
    breaks = list(breaks_in(estate.pk))
    chain = AuditChain.objects.filter(estate_id=estate.pk).first()
    return AuditCheck(
        entries=chain.seq if chain else 0,
        head=chain.hash if chain else "",
        holds=not breaks,
        breaks=breaks[:100],
    )
