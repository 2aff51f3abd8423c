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

from notifications import metrics, voice
from notifications.carriers import Carrier, Pushes, carrier_of, make_ready
from notifications.models import Delivery
from notifications.push import registry as push
from notifications.push.services import note_attempt
from notifications.services.claiming import begin_call, claim_due, extend
from notifications.services.holding import held_back
from notifications.services.outcomes import (
    expire,
    record_asked,
    record_found,
    record_hung_up,
    record_sent,
    refuse,
)
from notifications.sms.base import Ambiguous, ProviderSilent, Report, SendResult, Sighting
from notifications.states import Channel, Work

log = logging.getLogger(__name__)

#: Calls under way at once in one task. Eight workers then stay below what Twilio allows an account at one time.
AT_ONCE: Final = 12
#: A sweep takes nothing new after this long; the next tick goes on.
SWEEP_S: Final = 10.0

#: What is to be written down after a question to a provider, and the question, which is asked in a thread.
Record = Callable[[], None]
Ask = Callable[[], Record]


def deliver(delivery_ids: Iterable[UUID]) -> None:
    """Send these, as far as they are due and nobody else is at it."""
    _work_through(Delivery.objects.across_estates().filter(pk__in=list(delivery_ids)))


def sweep(*, is_emergency: bool) -> None:
    """Do whatever is due: unsent, to be tried again, left behind by a worker that died, or without news.

    But for an emergency's push messages (`sweep_pushes`): push services that hang must not hold up a text.
    """
    rows = Delivery.objects.across_estates().filter(is_emergency=is_emergency)
    if is_emergency:
        make_ready()
        rows = rows.exclude(channel=Channel.PUSH)
    _work_through(rows)


def sweep_pushes() -> None:
    """The same for push messages of emergencies."""
    push.get_provider()
    _work_through(Delivery.objects.across_estates().filter(is_emergency=True, channel=Channel.PUSH))


def _work_through(rows: QuerySet[Delivery]) -> None:
    until = monotonic() + SWEEP_S
    waiting = claim_due(rows, limit=AT_ONCE)
    if not waiting:
        return
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="carriers") as threads:
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
            return _begin_to_send(row)
        case Work.RECONCILE if extend(row):
            return partial(_find, row, carrier_of(row))
        case Work.CONFIRM if extend(row):
            return partial(_ask, row, carrier_of(row))
        case Work.HANG_UP if extend(row):
            return partial(_hang_up, row, carrier_of(row))
        case _:
            return None


def _begin_to_send(row: Delivery) -> Ask | None:
    if row.channel == Channel.VOICE and not voice.is_set_up():
        # It was when the call was decided on.
        refuse(row, "not_set_up", "No provider of calls is set up")
        return None
    carrier = carrier_of(row, is_new=True)
    if isinstance(carrier, Pushes) and carrier.browser is None:
        refuse(row, "signed_out", "Nobody is signed in on this device any more")
        return None
    if begin_call(row, provider=carrier.name):
        return partial(_send, row, carrier)
    expire(row)
    return None


def _send(row: Delivery, carrier: Carrier) -> Record:
    result: SendResult
    try:
        with metrics.timed(carrier.name, "send"):
            result = carrier.send(row)
    except Exception as error:
        # A mistake of ours in the middle of a call says nothing about what the provider did.
        _complain(error, row)
        result = Ambiguous(type(error).__name__)
    return partial(_record_sent, row, result)


def _record_sent(row: Delivery, result: SendResult) -> None:
    record_sent(row, result)
    if row.channel == Channel.PUSH:
        note_attempt(row, result)


def _find(row: Delivery, carrier: Carrier) -> Record:
    since: datetime = row.attempted_at or row.intended_at
    sightings: list[Sighting] | None = None
    try:
        with metrics.timed(carrier.name, "find"):
            sightings = carrier.find(row, since=since)
    except ProviderSilent as error:
        _note_silence(row, error)
    return partial(record_found, row, sightings)


def _ask(row: Delivery, carrier: Carrier) -> Record:
    report: Report | None = None
    answered = True
    try:
        with metrics.timed(carrier.name, "fetch"):
            report = carrier.fetch(row)
    except ProviderSilent as error:
        answered = False
        _note_silence(row, error)
    return partial(record_asked, row, report, answered=answered)


def _hang_up(row: Delivery, carrier: Carrier) -> Record:
    report: Report | None = None
    answered = True
    try:
        with metrics.timed(carrier.name, "hang_up"):
            report = carrier.hang_up(row)
    except ProviderSilent as error:
        answered = False
        _note_silence(row, error)
    return partial(record_hung_up, row, report, answered=answered)


def _note_silence(row: Delivery, error: ProviderSilent) -> None:
    log.warning("Provider %s could not be asked about delivery %s: %s", row.provider, row.pk, error)
