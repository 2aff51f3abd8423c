"""Breaking a deployment, and mending it again."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence

from bench.soak.deployment import Deployment
from bench.soak.listeners import Listener
from bench.soak.plan import ALL, EVERY, Planned
from bench.soak.relay import OPEN, RESET, SILENT
from bench.soak.switches import Switches


class Faults:
    """Each `inflict` breaks, waits, and mends. What is done to one thing is done one after the other."""

    def __init__(self, deployment: Deployment, listeners: Sequence[Listener], *, seed: int) -> None:
        self._deployment = deployment
        self._listeners = listeners
        self._random = random.Random(seed)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def inflict(self, planned: Planned) -> None:
        """Returns when everything that it broke works again."""
        what, _, way = planned.kind.partition(" ")
        async with self._locks[_held(what, planned.target)]:
            match what:
                case "kill":
                    await self._kill(planned.target, planned.lasts_s)
                case "stop":
                    await self._stop(planned.target, planned.lasts_s)
                case "redis" | "postgres" if way.startswith("cut"):
                    await self._cut(
                        what, planned.target, planned.lasts_s, RESET if "reset" in way else SILENT
                    )
                case "redis":
                    await self._break_redis(way, planned.lasts_s)
                case "postgres":
                    await self._restart_postgres(way, planned.lasts_s)
                case "commits":
                    switches = Switches(failing_commits=planned.amount)
                    await self._switch(planned.target, switches, planned.lasts_s)
                case "clock":
                    await self._switch(planned.target, Switches(clock_s=planned.amount), planned.lasts_s)
                case "readers":
                    await self._stall(planned.amount, planned.lasts_s)
                case _:
                    raise ValueError(planned.kind)

    async def _kill(self, name: str, lasts_s: float) -> None:
        self._deployment.kill(name)
        await asyncio.sleep(lasts_s)
        self._deployment.start_process(name)
        await self._deployment.wait_answering(name)

    async def _stop(self, name: str, lasts_s: float) -> None:
        self._deployment.stop(name)
        await asyncio.sleep(lasts_s)
        self._deployment.go_on(name)

    async def _cut(self, server: str, target: str, lasts_s: float, mode: str) -> None:
        names = EVERY if target == ALL else (target,)
        for name in names:
            self._deployment.relay.set(f"{server}.{name}", mode)
        await asyncio.sleep(lasts_s)
        for name in names:
            self._deployment.relay.set(f"{server}.{name}", OPEN)

    async def _break_redis(self, way: str, lasts_s: float) -> None:
        redis = self._deployment.redis
        if way == "flushall":
            with redis.client() as client:
                await asyncio.to_thread(client.flushall)
            return
        await asyncio.to_thread(redis.stop)
        await asyncio.sleep(lasts_s)
        await redis.start_soon()

    async def _restart_postgres(self, way: str, lasts_s: float) -> None:
        postgres = self._deployment.postgres
        await asyncio.to_thread(postgres.kill if way.startswith("immediate") else postgres.stop)
        await asyncio.sleep(lasts_s)
        await postgres.start_soon()

    async def _switch(self, target: str, switches: Switches, lasts_s: float) -> None:
        names = EVERY if target == ALL else (target,)
        for name in names:
            self._deployment.switch(name, switches)
        await asyncio.sleep(lasts_s)
        for name in names:
            self._deployment.switch(name, Switches())

    async def _stall(self, share: float, lasts_s: float) -> None:
        count = max(1, round(len(self._listeners) * share))
        stalled = self._random.sample(self._listeners, count)
        for listener in stalled:
            listener.stall()
        await asyncio.sleep(lasts_s)
        for listener in stalled:
            listener.read_on()


def _held(what: str, target: str) -> str:
    """What a fault takes hold of: a process cannot be stopped while it is being killed."""
    match what:
        case "kill" | "stop":
            return target
        case "clock" | "commits":
            return "switches"
        case _:
            return what
