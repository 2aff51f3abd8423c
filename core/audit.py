"""The record of who did what: append-only, one hash chain per estate."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Model

from core.actors import Actor
from core.clock import now
from core.models import AuditChain, AuditEntry
from core.unit_of_work import collect, writes_last

PLATFORM = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Record:
    estate_id: UUID
    at: datetime
    actor: Actor
    action: str
    target_type: str
    target_id: str
    changes: Mapping[str, Any]


def record(
    actor: Actor,
    action: str,
    target: Model,
    changes: Mapping[str, Any] | None = None,
    *,
    estate_id: UUID | None = None,
) -> None:
    """Put `action` ("gate.pass.revoked") on the estate's record, in the transaction that did it.

    `changes`: JSON-able. `estate_id`: where the target has none of its own; None is the platform's own chain. Raises
    `NoUnitOfWork` outside a unit of work.
    """
    collect(
        "audit",
        _Record(
            estate_id=estate_id or getattr(target, "estate_id", None) or PLATFORM,
            at=now(),
            actor=actor,
            action=action,
            target_type=target._meta.label_lower,
            target_id=str(target.pk),
            changes=changes or {},
        ),
    )


@writes_last("audit", order=10)
def _write(records: list[_Record]) -> None:
    in_order = sorted(records, key=lambda row: row.estate_id)
    for estate_id, rows in groupby(in_order, key=lambda row: row.estate_id):
        _append(estate_id, list(rows))


#: Entries that are made and written together: an import of ten thousand people must not have them all in memory.
_PORTION = 1000


def _append(estate_id: UUID, records: list[_Record]) -> None:
    chain = _held_chain(estate_id)
    for start in range(0, len(records), _PORTION):
        AuditEntry.objects.bulk_create(_entries(chain, records[start : start + _PORTION]))
    chain.save(update_fields=["seq", "hash"])


def _entries(chain: AuditChain, records: list[_Record]) -> list[AuditEntry]:
    """The records as the chain's next entries; its head moves with them."""
    entries = []
    for row in records:
        entry = AuditEntry(
            estate_id=chain.estate_id,
            seq=chain.seq + 1,
            at=row.at,
            actor_kind=row.actor.kind,
            actor_id=row.actor.id,
            actor_name=row.actor.name,
            action=row.action,
            target_type=row.target_type,
            target_id=row.target_id,
            changes=dict(row.changes),
            previous_hash=chain.hash,
        )
        entry.hash = hash_of(entry)
        chain.seq, chain.hash = entry.seq, entry.hash
        entries.append(entry)
    return entries


def _held_chain(estate_id: UUID) -> AuditChain:
    """The estate's chain, locked until the commit; made where this is its first entry."""
    chains = AuditChain.objects.select_for_update()
    if chain := chains.filter(estate_id=estate_id).first():
        return chain
    AuditChain.objects.bulk_create([AuditChain(estate_id=estate_id)], ignore_conflicts=True)
    return chains.get(estate_id=estate_id)


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 (hex) over the entry's content and the hash before it."""
    content = [
        entry.previous_hash,
        str(entry.estate_id),
        entry.seq,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_kind,
        str(entry.actor_id),
        entry.actor_name,
        entry.action,
        entry.target_type,
        entry.target_id,
        entry.changes,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def breaks_in(estate_id: UUID) -> Iterator[str]:
    """Walk an estate's chain and say each place where it does not hold: a changed, missing or cut-off entry."""
    seq, previous = 0, ""
    for entry in AuditEntry.objects.filter(estate_id=estate_id).order_by("seq").iterator():
        if entry.seq != seq + 1:
            yield f"entries {seq + 1} to {entry.seq - 1} are missing"
        if entry.previous_hash != previous:
            yield f"entry {entry.seq} does not follow the one before it"
        if entry.hash != hash_of(entry):
            yield f"entry {entry.seq} was changed"
        seq, previous = entry.seq, entry.hash
    chain = AuditChain.objects.filter(estate_id=estate_id).first()
    if chain is None and seq:
        yield "the end of the chain is not known any more"
    if chain is not None and (chain.seq, chain.hash) != (seq, previous):
        yield f"entries after {seq} are missing"
