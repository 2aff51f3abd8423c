"""Work off imports. What is due stands in rows; a message that is lost or comes twice changes nothing."""

from uuid import UUID

from backoffice.services import working
from core.background import every, task


@task(working.TASK, sweep="backoffice.sweep")
def work_off(import_id: str) -> None:
    """Check one import's file, or bring it in."""
    working.work_off(UUID(import_id))


@task("backoffice.sweep")
def sweep() -> None:
    """Take up what a worker left lying."""
    working.sweep()


every(seconds=10.0, name="backoffice.sweep")
