"""Receipts of all local sockets, written together: a thousand tablets confirm one SOS within a few milliseconds."""

import asyncio
import logging

from core.clock import now
from realtime.frames import Kind
from realtime.receipts import Receipt, keep_receipts
from realtime.session import Session
from realtime.threads import in_urgent_thread

log = logging.getLogger(__name__)

#: Seconds that a receipt waits for others to be written with it. The escalation looks at receipts after seconds.
COALESCE_S = 0.02
#: Seconds until what could not be written is tried again.
RETRY_S = 1.0


class ReceiptDesk:
    """Takes receipts on the event loop, and has them written in a thread."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[object, ...], Receipt] = {}
        self._wake = asyncio.Event()

    def note(self, session: Session, kind: Kind, topic: str, offset: int) -> None:
        """The session's device has (`seen`: has shown) the topic up to `offset`."""
        member = session.member
        if member.kind != "member":
            # No escalation waits for who is here for support.
            return
        key = (member.id, session.device, topic, kind)
        known = self._waiting.get(key)
        if known is not None and known.offset >= offset:
            return
        self._waiting[key] = Receipt(
            estate_id=member.estate_id,
            member_id=member.id,
            device=session.device,
            topic=topic,
            kind=kind,
            offset=offset,
            at=now(),
        )
        self._wake.set()

    async def run(self) -> None:
        """Write what comes in, until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(COALESCE_S)
            self._wake.clear()
            batch, self._waiting = self._waiting, {}
            try:
                await in_urgent_thread(keep_receipts, list(batch.values()))
            except Exception:
                # Not kept is treated as not received: the escalation goes on meanwhile.
                log.exception("%d receipts could not be kept; they are tried again", len(batch))
                await asyncio.sleep(RETRY_S)
                self._waiting = batch | self._waiting
                self._wake.set()
