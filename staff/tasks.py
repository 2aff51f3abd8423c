"""Ticks. What is due stands in the database; a tick that is lost or comes twice changes nothing."""

from core.background import every, task
from staff.services.watching import watch_posts


@task("staff.watch", queue="emergency")
def watch() -> None:
    """Look after the guard posts' tablets. Behind ten thousand ordinary messages it would look too late."""
    watch_posts()


every(seconds=2.0, name="staff.watch")
