"""Ticks. What is due stands in the database; a tick that is lost or comes twice changes nothing."""

from core.background import every, task
from emergency.auditor import audit_alerts
from emergency.services.sweeping import sweep


@task("emergency.sweep", queue="emergency")
def sweep_alerts() -> None:
    """Take the steps that are due, and tell the progress of what was sent."""
    sweep()


@task("emergency.audit", queue="emergency")
def audit() -> None:
    """Look whether every open alert has a way on. Behind ten thousand ordinary messages it would look too late."""
    audit_alerts()


every(seconds=0.5, name="emergency.sweep")
every(seconds=5.0, name="emergency.audit")
