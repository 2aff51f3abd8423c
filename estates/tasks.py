"""Ticks. What is due stands in the database; a tick that is lost or comes twice changes nothing."""

from core.background import every, task
from estates.services.first_days import begin_homes


@task("estates.begin_homes")
def begin() -> None:
    """Give the roles of homes whose first day has come."""
    begin_homes()


every(seconds=300.0, name="estates.begin_homes")
