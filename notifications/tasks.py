"""Sending in the background. Emergencies have a queue of their own, in front of which nothing ordinary can stand."""

from uuid import UUID

from core.background import every, task
from notifications import support_access
from notifications.push.services import forget_signed_out
from notifications.services import sending


@task("notifications.deliver", queue="emergency", sweep="notifications.sweep")
def deliver(*, delivery_ids: list[str]) -> None:
    sending.deliver(UUID(delivery_id) for delivery_id in delivery_ids)


@task("notifications.deliver_pushes", queue="emergency", sweep="notifications.sweep_pushes")
def deliver_pushes(*, delivery_ids: list[str]) -> None:
    sending.deliver(UUID(delivery_id) for delivery_id in delivery_ids)


@task("notifications.deliver_ordinary", queue="default", sweep="notifications.sweep_ordinary")
def deliver_ordinary(*, delivery_ids: list[str]) -> None:
    sending.deliver(UUID(delivery_id) for delivery_id in delivery_ids)


@task("notifications.sweep", queue="emergency")
def sweep() -> None:
    sending.sweep(is_emergency=True)


@task("notifications.sweep_pushes", queue="emergency")
def sweep_pushes() -> None:
    sending.sweep_pushes()


@task("notifications.sweep_ordinary", queue="default")
def sweep_ordinary() -> None:
    sending.sweep(is_emergency=False)


@task(support_access.MAIL)
def mail_of_support(*, estate_id: str, to: list[str], body: str) -> None:
    support_access.mail(estate_id=UUID(estate_id), to=to, body=body)


@task("notifications.forget_signed_out")
def forget_signed_out_devices() -> None:
    forget_signed_out()


every(seconds=0.5, name="notifications.sweep")
every(seconds=0.5, name="notifications.sweep_pushes")
every(seconds=5.0, name="notifications.sweep_ordinary")
every(seconds=300.0, name="notifications.forget_signed_out")
