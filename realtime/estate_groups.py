"""This process's place in the channel layer: one channel, in the group of each estate that it serves."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from realtime.broker import Announcement, broker

log = logging.getLogger(__name__)

#: Seconds between two tries to join what could not be joined, and between two probes.
LOOK_EVERY_S = 1.0
#: Seconds without hearing our own probes after which a subscription is taken for deaf, though its connection stands.
DEAF_AFTER_S = 5.0


class EstateGroups:
    """Joins an estate's group with its first local socket and leaves with its last.

    `served`: the estates with local sockets, as they are at any moment. `deliver` is given what comes. Whatever fails
    here, the head poll serves meanwhile.
    """

    def __init__(self, served: Collection[UUID], deliver: Callable[[Sequence[Announcement]], None]) -> None:
        self._served = served
        self._deliver = deliver
        self._joined: set[UUID] = set()
        self._channel: str | None = None
        self._wake = asyncio.Event()

    def changed(self) -> None:
        """`served` is not what it was."""
        self._wake.set()

    async def join(self, estate_id: UUID) -> None:
        """Be in the estate's group, if the layer answers."""
        channel = self._channel
        if channel is None or estate_id in self._joined:
            return
        try:
            await broker.join(estate_id, channel)
            # The channel may have been made anew meanwhile, and that one is not in the group.
            if channel == self._channel:
                self._joined.add(estate_id)
        except Exception as error:
            log.warning("Group of estate %s could not be joined (%r)", estate_id, error)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive())
            group.create_task(self._keep_joined())

    async def _receive(self) -> None:
        while True:
            try:
                self._channel = await broker.new_channel()
                self._joined.clear()
                await asyncio.gather(*(self.join(estate_id) for estate_id in list(self._served)))
                await self._hear(self._channel)
            except Exception as error:
                log.warning("The channel layer does not answer (%r); the head poll goes on", error)
                self._channel = None
                await asyncio.sleep(0.5)

    async def _hear(self, channel: str) -> None:
        """Deliver what comes, until nothing does: not even our own probes."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DEAF_AFTER_S) as patience:
                while True:
                    announcements = await broker.receive(channel)
                    patience.reschedule(loop.time() + DEAF_AFTER_S)
                    if announcements:
                        self._deliver(announcements)
        except TimeoutError:
            log.warning("The channel layer brings nothing any more; its connections are made anew")
            await broker.reset()

    async def _keep_joined(self) -> None:
        """Apart from the head poll, which must not wait for a layer that hangs."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                await self._probe()
            self._wake.clear()
            await asyncio.gather(*(self.join(estate_id) for estate_id in list(self._served)))
            await asyncio.gather(*(self._part(one) for one in self._joined - set(self._served)))

    async def _part(self, estate_id: UUID) -> None:
        self._joined.discard(estate_id)
        try:
            if self._channel is not None:
                await broker.leave(estate_id, self._channel)
        except Exception as error:
            log.warning("Group of estate %s could not be left (%r)", estate_id, error)
        if estate_id in self._served:
            await self.join(estate_id)

    async def _probe(self) -> None:
        """Say something to ourselves: a subscription can be deaf while its connection looks well."""
        try:
            if self._channel is not None:
                await broker.probe(self._channel)
        except Exception as error:
            log.warning("The channel layer could not be probed (%r)", error)
