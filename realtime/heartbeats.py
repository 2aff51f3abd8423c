"""Signs of life: ours to each client, theirs to us, slice by slice, so that no event waits behind ten thousand."""

import asyncio
import time
from typing import TYPE_CHECKING

from django.conf import settings

from realtime.close_codes import CloseCode
from realtime.frames import Heartbeat, encode
from realtime.session import Session

if TYPE_CHECKING:
    from realtime.hub import Hub

#: A client that was silent for so many heartbeats is gone.
HEARTBEATS_MISSED = 2.5
#: Parts of the sockets that are served one after the other within a heartbeat.
SLICES = 16


class Heartbeats:
    """Runs until cancelled."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def run(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(settings.CLUSTR_HEARTBEAT_S / SLICES)
            turn = (turn + 1) % SLICES
            self._serve([session for session in self._hub.sessions if session.slot % SLICES == turn])

    def _serve(self, sessions: list[Session]) -> None:
        oldest = time.monotonic() - settings.CLUSTR_HEARTBEAT_S * HEARTBEATS_MISSED
        answering = []
        for session in sessions:
            if session.heard_at < oldest:
                session.close(CloseCode.HEARTBEAT_LOST, "no sign of life")
                continue
            answering.append(session)
            if session.is_live:
                heads = {name: self._hub.head_of(name) for name in session.topics}
                session.push(encode(Heartbeat(heads=heads)))
        self._hub.leases.renew(answering)
