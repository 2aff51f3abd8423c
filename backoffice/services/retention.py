"""What has had its time goes, kind by kind, some rows at a time."""

import logging
from typing import Final

from core.actors import SYSTEM
from core.audit import PLATFORM, record
from core.metrics import counter
from core.models import AuditChain
from core.personal_data import Holding, holdings, kept_since
from core.unit_of_work import unit_of_work

#: Rows that are deleted together.
BATCH: Final = 500
#: Batches of one kind in one run; the next run goes on.
MOST_BATCHES: Final = 200

log = logging.getLogger(__name__)
purged = counter("purged_total", "Rows that had had their time", ["holding"])


def purge() -> dict[str, int]:
    """Delete it; how many rows of which kind. Run twice it deletes nothing twice, and one kind that fails holds up no
    other.
    """
    found: dict[str, int] = {}
    for holding in holdings.values():
        if holding.purge is None:
            continue
        try:
            count = _purge(holding)
        except Exception:
            log.exception(
                "What has had its time under %s was not deleted; the next run tries again", holding.key
            )
            continue
        if count:
            found[holding.key] = count
            purged.labels(holding=holding.key).inc(count)
    if found:
        with unit_of_work():
            record(SYSTEM, "core.retention.purged", AuditChain(estate_id=PLATFORM), found, estate_id=PLATFORM)
        log.info("Had had their time and were deleted: %s", found)
    return found


def _purge(holding: Holding) -> int:
    assert holding.purge is not None
    before, total = kept_since(holding.key), 0
    for _ in range(MOST_BATCHES):
        # Each batch is a transaction of its own, and where there is nothing to delete there is none.
        count = holding.purge(before, BATCH)
        total += count
        if count < BATCH:
            break
    return total
