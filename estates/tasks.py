"""Ticks. What is due stands in the database; a tick that is lost or comes twice changes nothing."""

from core.background import every, task
from estates.services.first_days import begin_homes
from estates.services.support import end_lapsed


@task("estates.begin_homes")
def begin() -> None:
    """Give the roles of homes whose first day has come."""
    begin_homes()


@task("estates.end_support")
def end_support() -> None:
    """Put an end on the record to support access that ran out. Nobody could enter by it any more anyway."""
    end_lapsed()


every(seconds=2.0, name="estates.end_support")
every(seconds=300.0, name="estates.begin_homes")
