"""Who makes events happen in a soak, through the real doors, and a history of what each of them did."""

import asyncio
import itertools
import random
import time
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from bench.soak.listeners import Listener
from clustr_client import ClientError, Refused, Unreachable

#: Seconds between two things that a writer does, about.
PAUSE_S = 0.25
#: Seconds until a request that was not answered is tried again.
AGAIN_S = 0.4


@dataclass(slots=True)
class Operation:
    """One thing that somebody did. `outcome`: "ok", "refused" (with the code), or "unknown" as long as nobody knows.

    `subject`: the alert's id; empty for duty. `by`: the member. Times in monotonic seconds.
    """

    name: str
    by: str
    key: str
    subject: str
    began_s: float
    ended_s: float = 0.0
    outcome: str = "unknown"
    code: str = ""
    tries: int = 0


class Writers:
    """`per_estate`: people who press SOS one after the other in each estate, and as many guards who go on duty."""

    def __init__(self, listeners: Sequence[Listener], *, seed: int, per_estate: int) -> None:
        self.operations: list[Operation] = []
        self._random = random.Random(seed)
        self._is_over = False
        self._tasks: list[asyncio.Task[None]] = []
        by_estate: dict[str, list[Listener]] = {}
        for listener in listeners:
            by_estate.setdefault(listener.person.estate_id, []).append(listener)
        for people in by_estate.values():
            residents = [one for one in people if one.person.key == "ada"]
            guards = [one for one in people if one.person.key == "gate"]
            for nth in range(min(per_estate, len(residents))):
                self._begin(self._press(residents[nth::per_estate], guards))
            for guard in guards[:per_estate]:
                self._begin(self._shift(guard))

    async def finish(self, *, timeout_s: float) -> None:
        """Let each end what it has begun; what takes too long stays unknown."""
        self._is_over = True
        _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        done = await asyncio.gather(*self._tasks, return_exceptions=True)
        for failure in done:
            if isinstance(failure, Exception):
                raise failure

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _press(self, residents: Sequence[Listener], guards: Sequence[Listener]) -> None:
        """SOS, somebody has it, it is over; then the next resident."""
        for resident in itertools.cycle(residents):
            if self._is_over:
                return
            guard = self._random.choice(guards)
            alert_id = str(uuid.uuid4())
            data = {"id": alert_id, "category": "medical"}
            raised = await self._do(resident, "emergency.alert.raise", data, "alerts/")
            if not isinstance(raised, dict):
                continue
            one = {"id": raised["id"]}
            path = f"alerts/{raised['id']}"
            await self._do(guard, "emergency.alert.acknowledge", one, f"{path}/acknowledge/")
            report = {**one, "outcome": "test", "report": "A soak."}
            await self._do(guard, "emergency.alert.resolve", report, f"{path}/resolve/")

    async def _shift(self, guard: Listener) -> None:
        """On duty, off duty. There is no key: the state itself makes a second try harmless."""
        for is_on in itertools.cycle((True, False)):
            if self._is_over and is_on:
                return
            await self._do(guard, f"duty.{'on' if is_on else 'off'}", {"on": is_on}, "duty/")

    async def _do(self, who: Listener, name: str, data: dict[str, Any], path: str) -> Any:
        """By socket or by REST; the answer, or None where it was refused."""
        await asyncio.sleep(PAUSE_S * (0.5 + self._random.random()))
        operation = Operation(name, who.person.id, uuid.uuid4().hex, data.get("id", ""), time.monotonic())
        self.operations.append(operation)
        by_socket = name.startswith("emergency.") and self._random.random() < 0.5
        try:
            if by_socket:
                answer = await who.feed.command(name, data, key=operation.key)
            else:
                body = (
                    data if path in ("alerts/", "duty/") else {key: data[key] for key in data if key != "id"}
                )
                answer = await self._post(who, path, body, operation)
        except Refused as refused:
            operation.outcome, operation.code = "refused", refused.code or str(refused.status)
            return None
        except ClientError as error:
            # It stays unknown.
            operation.code = type(error).__name__
            return None
        finally:
            operation.ended_s = time.monotonic()
        operation.outcome = "ok"
        if operation.subject:
            operation.subject = answer["id"]
        return answer

    async def _post(self, who: Listener, path: str, body: dict[str, Any], operation: Operation) -> Any:
        """Again and again under the same key, until somebody answers for good. Raises `Refused`."""
        while True:
            operation.tries += 1
            try:
                return await who.feed.post(path, body, key=operation.key)
            except Unreachable:
                pass
            except Refused as refused:
                if not refused.temporary and refused.status != 401:
                    raise
            await asyncio.sleep(AGAIN_S)
