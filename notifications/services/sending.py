"""Working through what is due: claim, call the provider, write down how it ended.

Only the calls run in other threads. Everything that touches the database happens in the caller's, so that twenty calls
under way need one connection.
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from notifications import metrics
from notifications.models import Delivery
from notifications.services.claiming import begin_call, claim_due, extend
from notifications.services.holding import held_back
from notifications.services.outcomes import expire, record_asked, record_found, record_sent
from notifications.sms import get_provider
from notifications.sms.base import Ambiguous, Message, Provider, ProviderSilent, Report, SendResult, Sighting
from notifications.states import Work

log = logging.getLogger(__name__)

#: Calls under way at once in one task. Eight workers then stay below what Twilio allows an account at one time.
AT_ONCE: Final = 12
#: A sweep takes nothing new after this long; the next tick goes on.
SWEEP_S: Final = 10.0
#: Most an SMS of an emergency may wait at the provider: an hour late it does harm.
VALIDITY_S: Final = 120

#: What is to be written down after a question to a provider, and the question, which is asked in a thread.
Record = Callable[[], None]
Ask = Callable[[], Record]


def deliver(delivery_ids: Iterable[UUID]) -> None:
    """Send these, as far as they are due and nobody else is at it."""
    _work_through(Delivery.objects.across_estates().filter(pk__in=list(delivery_ids)))


def sweep(*, is_emergency: bool) -> None:
    """Do whatever is due: unsent, to be tried again, left behind by a worker that died, or without news."""
    if is_emergency:
        # A provider's library may take a second to load: in an idle sweep, not before the first SOS's first text.
        get_provider()
    _work_through(Delivery.objects.across_estates().filter(is_emergency=is_emergency))


def _work_through(rows: QuerySet[Delivery]) -> None:
    until = monotonic() + SWEEP_S
    waiting = claim_due(rows, limit=AT_ONCE)
    if not waiting:
        return
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="sms") as threads:
        under_way: set[Future[Record]] = set()
        while waiting or under_way:
            while waiting and len(under_way) < AT_ONCE:
                if ask := _begin(waiting.pop(0)):
                    under_way.add(threads.submit(ask))
            if under_way:
                finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for asked in finished:
                    _write_down(asked)
            if not waiting and monotonic() < until:
                waiting = claim_due(rows, limit=AT_ONCE)


def _write_down(asked: Future[Record]) -> None:
    """One that cannot be written down is found again when its lease ends, and must not cost the others their answer."""
    try:
        asked.result()()
    except Exception as error:
        _complain(error)


def _complain(error: Exception, row: Delivery | None = None) -> None:
    """Say where something of ours broke, but not in its words: they may hold a number or a text."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("Delivery %s: %s at\n%s", row.pk if row else "?", type(error).__name__, where)


def _begin(row: Delivery) -> Ask | None:
    """Write down what is about to be asked. None: there is nothing to ask."""
    match row.work:
        case Work.SEND:
            if not row.is_emergency and held_back(row):
                return None
            provider = get_provider()
            if begin_call(row, provider=provider.name):
                return partial(_send, row, provider)
            expire(row)
            return None
        case Work.RECONCILE if extend(row):
            return partial(_find, row, get_provider(row.provider))
        case Work.CONFIRM if extend(row):
            return partial(_ask, row, get_provider(row.provider))
        case _:
            return None


def _send(row: Delivery, provider: Provider) -> Record:
    result: SendResult
    try:
        with metrics.timed(provider.name, "send"):
            result = provider.send(_message(row))
    except Exception as error:
        # A mistake of ours in the middle of a call says nothing about what the provider did.
        _complain(error, row)
        result = Ambiguous(type(error).__name__)
    return partial(record_sent, row, result)


def _find(row: Delivery, provider: Provider) -> Record:
    since: datetime = row.attempted_at or row.intended_at
    sightings: list[Sighting] | None = None
    try:
        with metrics.timed(provider.name, "find"):
            sightings = provider.find(_message(row), since=since)
    except ProviderSilent as error:
        log.warning("Provider %s could not be asked about delivery %s: %s", provider.name, row.pk, error)
    return partial(record_found, row, sightings)


def _ask(row: Delivery, provider: Provider) -> Record:
    report: Report | None = None
    answered = True
    try:
        with metrics.timed(provider.name, "fetch"):
            report = provider.fetch(row.provider_id)
    except ProviderSilent as error:
        answered = False
        log.warning("Provider %s could not be asked about delivery %s: %s", provider.name, row.pk, error)
    return partial(record_asked, row, report, answered=answered)


def _message(row: Delivery) -> Message:
    return Message(
        delivery_id=row.pk,
        to=row.address,
        body=row.body,
        validity_s=_validity_s(row) if row.is_emergency else None,
    )


def _validity_s(row: Delivery) -> int:
    begun = row.attempted_at or row.intended_at
    return max(5, min(VALIDITY_S, int((row.expires_at - begun).total_seconds())))
