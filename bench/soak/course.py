"""One soak from its beginning to the verdict."""

import asyncio
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from bench.report import progress
from bench.soak.checker import Verdict, check_listening, check_writing, last_row, read_log
from bench.soak.deployment import Deployment
from bench.soak.faults import Faults
from bench.soak.listeners import Listener, connect_all
from bench.soak.plan import EVERY, Planned
from bench.soak.relay import OPEN, RESET
from bench.soak.writers import Writers
from tests.support.history import gaps_in
from tests.support.seeding import Citizen

#: Seconds in which everybody must have everything after the last fault.
SETTLE_S = 60.0
#: Seconds without a new event after which nothing more is expected.
QUIET_S = 2.0
#: Seconds that writers get to end what they have begun.
FINISH_S = 30.0
#: Seconds between two words about the progress.
SAY_EVERY_S = 10.0


class Course:
    """`settle_s`: how long clients are waited for at the end."""

    def __init__(
        self, deployment: Deployment, people: Sequence[Citizen], *, seed: int, settle_s: float = SETTLE_S
    ) -> None:
        self._deployment = deployment
        self._people = people
        self._seed, self._settle_s = seed, settle_s
        self._listeners: list[Listener] = []
        self._catch_ups: dict[str, list[float]] = defaultdict(list)
        self._watching: set[asyncio.Task[None]] = set()
        self.verdict = Verdict()
        #: Clients at which something was wrong, for whoever looks into it.
        self.harmed: list[Listener] = []

    async def run(self, plan: Sequence[Planned], *, writers: int) -> dict[str, Any]:
        """Returns the figures."""
        began = time.monotonic()
        after = await asyncio.to_thread(last_row, self._deployment)
        progress(f"{len(self._people)} people sign in")
        self._listeners = await connect_all(self._deployment, self._people)
        self._writers = Writers(self._listeners, seed=self._seed, per_estate=writers)
        progress(f"{len(plan)} faults")
        faults_began = time.monotonic()
        await self._break(plan)
        faults_s = time.monotonic() - faults_began
        await self._say_last_words_unheard()
        progress("all is mended; everybody catches up")
        heads = await self._quiet_heads()
        settled_s = await self._settle(heads)
        for listener in self._listeners:
            await listener.stop()
        await self._check(heads, after)
        if self._deployment.ended_by_themselves:
            progress(f"ended by themselves: {', '.join(self._deployment.ended_by_themselves)}")
        return self._figures(plan, settled_s=settled_s, faults_s=faults_s, seconds=time.monotonic() - began)

    # --- what happens -------------------------------------------------------------------------------------------------

    async def _break(self, plan: Sequence[Planned]) -> None:
        faults = Faults(self._deployment, self._listeners, seed=self._seed)
        under_way: list[asyncio.Task[None]] = []
        said = time.monotonic()
        for number, planned in enumerate(plan, start=1):
            task = asyncio.create_task(self._one(faults, planned))
            under_way.append(task)
            if not planned.is_overlapping:
                # With it, everything that it overlapped with.
                await asyncio.gather(*under_way)
                under_way.clear()
                self._deployment.keep_running()
            await asyncio.sleep(planned.pause_s)
            if time.monotonic() - said > SAY_EVERY_S:
                said = time.monotonic()
                live = sum(listener.has({}) for listener in self._listeners)
                done = Counter(one.outcome for one in self._writers.operations)
                progress(f"{number} faults, last: {planned}; {live} clients are live; writes: {dict(done)}")
        await asyncio.gather(*under_way)

    async def _one(self, faults: Faults, planned: Planned) -> None:
        await faults.inflict(planned)
        task = asyncio.create_task(self._catch_up(planned.kind))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _say_last_words_unheard(self) -> None:
        """The last events of all come while no process can hear of them by Redis: nothing later gives them away."""
        for name in EVERY:
            self._deployment.relay.set(f"redis.{name}", RESET)
        await self._writers.finish(timeout_s=FINISH_S)
        for name in EVERY:
            self._deployment.relay.set(f"redis.{name}", OPEN)

    async def _settle(self, heads: dict[str, int]) -> float:
        """Seconds until every client had everything, or the patience was over."""
        began = time.monotonic()
        await self._until(lambda: all(listener.has(heads) for listener in self._listeners), self._settle_s)
        settled_s = time.monotonic() - began
        # What would come twice has its chance to do so.
        await asyncio.sleep(1)
        for task in list(self._watching):
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        return settled_s

    async def _catch_up(self, kind: str) -> None:
        """How long it takes after a fault until every client has what was committed by its end."""
        began = time.monotonic()
        heads = await self._heads()
        waiting = list(self._listeners)

        def all_have() -> bool:
            # A client that reads nothing of its own will is not waited for.
            waiting[:] = [one for one in waiting if not one.is_stalled and not one.has(heads)]
            return not waiting

        await self._until(all_have, self._settle_s)
        self._catch_ups[kind].append(time.monotonic() - began)

    async def _heads(self) -> dict[str, int]:
        """Where the log stands, as soon as the database answers."""
        while True:
            try:
                rows = await asyncio.to_thread(
                    self._deployment.rows, "SELECT name, head FROM realtime_stream"
                )
                return dict(rows)
            except psycopg.Error:
                await asyncio.sleep(0.1)

    async def _quiet_heads(self) -> dict[str, int]:
        """The same, when nothing has moved for a while; after `settle_s` however it is then."""
        deadline = time.monotonic() + self._settle_s
        heads, since = await self._heads(), time.monotonic()
        while time.monotonic() < min(since + QUIET_S, deadline):
            await asyncio.sleep(0.2)
            now = await self._heads()
            if now != heads:
                heads, since = now, time.monotonic()
        return heads

    @staticmethod
    async def _until(is_so: Callable[[], bool], timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not is_so() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    # --- what came of it ----------------------------------------------------------------------------------------------

    async def _check(self, heads: dict[str, int], after: int) -> None:
        log = await asyncio.to_thread(read_log, self._deployment)
        for listener in self._listeners:
            found = check_listening(listener, log, heads)
            self.verdict.faults += found
            if found:
                self.harmed.append(listener)
        self.verdict.gaps = gaps_in(log)
        self.verdict.events = sum(len(offsets) for offsets in log.values())
        self.verdict.writes = await asyncio.to_thread(
            check_writing, self._writers.operations, self._deployment, after=after
        )

    def _figures(
        self, plan: Sequence[Planned], *, settled_s: float, faults_s: float, seconds: float
    ) -> dict[str, Any]:
        listeners, operations = self._listeners, self._writers.operations
        every = [taken for found in self._catch_ups.values() for taken in found]
        closes = sum((listener.closes for listener in listeners), Counter[int | None]())
        return {
            "faults": len(plan),
            "seed": self._seed,
            "clients": len(listeners),
            "seconds": round(seconds, 1),
            "faults_s": round(faults_s, 1),
            "events": self.verdict.events,
            "deliveries": sum(len(listener.history.heard) for listener in listeners),
            **self.verdict.counts,
            "gave_up": sum(listener.feed.gave_up is not None for listener in listeners),
            "ended_by_themselves": len(self._deployment.ended_by_themselves),
            "resyncs": sum(listener.resyncs for listener in listeners),
            "resumes": sum(max(0, listener.welcomes - 1) for listener in listeners),
            "worst_catch_up_s": round(max([*every, settled_s]), 2),
            "settled_s": round(settled_s, 2),
            "writes": dict(Counter(one.outcome for one in operations)),
            "codes": dict(Counter(one.code for one in operations if one.code)),
            "closes": {str(code): count for code, count in closes.items()},
            "by_kind": {
                kind: {
                    "count": count,
                    "catch_up_p50_s": round(statistics.median(self._catch_ups[kind] or [0.0]), 2),
                    "catch_up_max_s": round(max(self._catch_ups[kind] or [0.0]), 2),
                }
                for kind, count in sorted(Counter(planned.kind for planned in plan).items())
            },
        }
