"""The leases of all local devices: begun together, renewed slice by slice, ended together."""

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import datetime

from core.clock import now
from realtime.presence import DeviceKey, end_leases, renew_leases
from realtime.session import Session
from realtime.threads import in_thread

log = logging.getLogger(__name__)

#: Seconds between two writes.
WRITE_EVERY_S = 1.0


def key_of(session: Session) -> DeviceKey:
    return session.member.estate_id, session.member.id, session.device


class LeaseDesk:
    """`is_here`: whether a socket of the device is open in this process."""

    def __init__(self, is_here: Callable[[DeviceKey], bool]) -> None:
        self._is_here = is_here
        self._renewed: set[DeviceKey] = set()
        self._ended: dict[DeviceKey, datetime] = {}

    def renew(self, sessions: Collection[Session]) -> None:
        """Their devices have given signs of life."""
        self._renewed.update(map(key_of, sessions))

    def end(self, session: Session) -> None:
        """One of the device's sockets was closed in good order."""
        self._ended[key_of(session)] = now()

    async def run(self) -> None:
        """Write, until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self.write()

    async def write(self) -> None:
        """Write what has come together. What cannot be written is not tried again: leases run out, or are renewed."""
        ended = {device: at for device, at in self._ended.items() if not self._is_here(device)}
        renewed = [device for device in self._renewed if self._is_here(device)]
        self._ended, self._renewed = {}, set()
        try:
            if renewed:
                await in_thread(renew_leases, renewed)
            if ended:
                await in_thread(end_leases, ended)
        except Exception as error:
            log.warning("Presence could not be written (%s)", error)
