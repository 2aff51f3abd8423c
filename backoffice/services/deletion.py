"""A person has his account erased: after a waiting time, in which he can take that back."""

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from accounts.models import User
from accounts.record import record
from backoffice.errors import DeletionNotFound
from backoffice.models import AccountDeletion, DataExport
from backoffice.services.own_data import forget_export
from core.clock import now
from core.errors import ClustrError
from core.personal_data import holdings
from core.unit_of_work import unit_of_work
from estates.services.leaving import must_not_be_last_manager

#: In which he can change his mind, or notice that somebody else has asked for it.
WAITS: Final = timedelta(days=14)
#: After which what could not be done is tried again.
AGAIN_AFTER: Final = timedelta(days=1)

log = logging.getLogger(__name__)


def ask_for_deletion(*, user: User) -> AccountDeletion:
    """Erase the account in 14 days. Asked again it changes nothing. Raises `LastManager`."""
    with unit_of_work():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if (pending := pending_deletion(user)) is not None:
            return pending
        must_not_be_last_manager(user.pk)
        deletion = AccountDeletion.objects.create(user=user, due_at=now() + WAITS)
        record(user, "accounts.deletion.asked_for", {"due_at": deletion.due_at.isoformat()})
        return deletion


def take_deletion_back(*, user: User) -> None:
    """The account stays. Raises `DeletionNotFound`."""
    with unit_of_work():
        own = AccountDeletion.objects.filter(user=user, withdrawn_at__isnull=True, done_at__isnull=True)
        if not own.update(withdrawn_at=now()):
            raise DeletionNotFound
        record(user, "accounts.deletion.taken_back", {})


def pending_deletion(user: User) -> AccountDeletion | None:
    return AccountDeletion.objects.filter(user=user, withdrawn_at__isnull=True, done_at__isnull=True).first()


def sweep_deletions() -> None:
    """Erase whoever's time is over. Each is done whole or not at all."""
    due = AccountDeletion.objects.filter(
        due_at__lte=now(), withdrawn_at__isnull=True, done_at__isnull=True
    ).order_by("due_at")
    for deletion_id in list(due.values_list("pk", flat=True)[:20]):
        try:
            erase(deletion_id)
        except ClustrError as refusal:
            # The last manager of an estate, for instance: he reads why, and may still appoint another one.
            AccountDeletion.objects.filter(pk=deletion_id).update(
                blocked_by=refusal.detail[:300], due_at=now() + AGAIN_AFTER
            )
        except Exception:
            log.exception("The account of %s could not be erased; it is tried again", deletion_id)
            AccountDeletion.objects.filter(pk=deletion_id).update(due_at=now() + timedelta(hours=1))


def erase(deletion_id: UUID) -> None:
    """Have each feature take away what it holds of him, the account last. Raises `LastManager`."""
    with unit_of_work():
        waiting = AccountDeletion.objects.select_for_update().filter(
            pk=deletion_id, withdrawn_at__isnull=True, done_at__isnull=True, due_at__lte=now()
        )
        deletion = waiting.first()
        if deletion is None:
            return
        user_id = deletion.user_id
        must_not_be_last_manager(user_id)
        # The account says on its estates' record that it is no more: while it still belongs to them.
        in_order = sorted(holdings.values(), key=lambda holding: holding.key != "accounts.account")
        for holding in in_order:
            if holding.erase is not None:
                holding.erase(user_id)
        AccountDeletion.objects.filter(pk=deletion.pk).update(done_at=now(), blocked_by="")
    for job in DataExport.objects.filter(user_id=user_id):
        forget_export(job)
