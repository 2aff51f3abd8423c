"""The leases of all local devices: begun together, renewed slice by slice, ended together; and who was seen when."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime

from core.clock import now
from realtime.close_codes import CloseCode
from realtime.devices.noting import NOTED_EVERY_S, Seen, note_devices, seen_now
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
        self._seen: dict[DeviceKey, Seen] = {}
        #: By which sign-in each device was last noted, and when by the monotonic clock.
        self._noted: dict[DeviceKey, tuple[str, float]] = {}

    def renew(self, sessions: Collection[Session]) -> None:
        """Their devices have given signs of life. Whoever is here for support is no member, and not counted as one."""
        at = time.monotonic()
        for session in sessions:
            if session.member.kind != "member":
                continue
            key = key_of(session)
            self._renewed.add(key)
            by, noted_at = self._noted.get(key, ("", 0.0))
            if key not in self._noted or by != session.member.session_key or at - noted_at >= NOTED_EVERY_S:
                self._noted[key] = (session.member.session_key, at)
                self._seen[key] = seen_now(session.member.session_key)

    def end(self, session: Session) -> None:
        """One of the device's sockets was closed in good order."""
        if session.member.kind != "member":
            return
        key = key_of(session)
        self._ended[key] = now()
        self._noted.pop(key, None)
        if session.closed_with is None or session.closed_with[0] != CloseCode.REVOKED:
            # Whoever was cut off is not seen: its owner may just have had it forgotten.
            self._seen[key] = seen_now(session.member.session_key)

    async def run(self) -> None:
        """Write, until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self.write()

    async def write(self) -> None:
        """Write what has come together. What cannot be written is not tried again: leases run out, or are renewed."""
        ended = {device: at for device, at in self._ended.items() if not self._is_here(device)}
        renewed = [device for device in self._renewed if self._is_here(device)]
        seen, self._seen = self._seen, {}
        self._ended, self._renewed = {}, set()
        try:
            if renewed:
                await in_thread(renew_leases, renewed)
            if ended:
                await in_thread(end_leases, ended)
            if seen:
                await in_thread(note_devices, seen)
        except Exception as error:
            log.warning("Presence could not be written (%s)", error)
