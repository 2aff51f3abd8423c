"""Work off imports. What is due stands in rows; a message that is lost or comes twice changes nothing."""

from uuid import UUID

from backoffice.services import deletion, own_data, retention, working
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


@task(own_data.TASK, sweep="backoffice.sweep_own_data")
def export_own_data(export_id: str) -> None:
    """Make the file of one person's data."""
    own_data.make_export(UUID(export_id))


@task("backoffice.sweep_own_data")
def sweep_own_data() -> None:
    """Make exports that were left lying, delete those that have had their time, erase accounts that are due."""
    own_data.sweep_exports()
    deletion.sweep_deletions()


@task("backoffice.purge")
def purge() -> None:
    """Delete what has had its time."""
    retention.purge()


every(seconds=30.0, name="backoffice.sweep_own_data")
# Often: the beat counts from its own start, and one that is restarted daily would never come to it.
every(seconds=3600.0, name="backoffice.purge")
