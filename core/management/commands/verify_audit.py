"""Whether the audit log is what was written: each estate's hash chain, walked from its beginning."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from core.audit import PLATFORM, breaks_in
from core.models import AuditChain, AuditEntry


class Command(BaseCommand):
    help = "Walk the hash chains of the audit log and say where one does not hold. Exit code 1 where any does not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--estate", type=UUID, help="only this estate's chain")

    def handle(self, *args: object, estate: UUID | None, **options: Any) -> None:
        chains = {estate} if estate else _all_chains()
        broken = 0
        for estate_id in sorted(chains):
            name = "platform" if estate_id == PLATFORM else str(estate_id)
            breaks = list(breaks_in(estate_id))
            broken += bool(breaks)
            head = AuditChain.objects.filter(estate_id=estate_id).first()
            end = f"{head.seq} entries, head {head.hash}" if head else "no entries"
            self.stdout.write(f"{name}: {'BROKEN' if breaks else 'holds'}, {end}")
            for one in breaks:
                self.stdout.write(f"  {one}")
        if broken:
            raise CommandError(f"{broken} of {len(chains)} chains do not hold")


def _all_chains() -> set[UUID]:
    """Those with a head and those with entries: somebody may have taken the head away."""
    return set(AuditChain.objects.values_list("estate_id", flat=True)) | set(
        AuditEntry.objects.order_by().values_list("estate_id", flat=True).distinct()
    )
