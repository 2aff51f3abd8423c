"""ClustR over REST: the web process, people who are signed in, and a load of mixed requests beside what is measured.

`python -m bench.rest` is the load: it reads its address, token and rate from stdin as JSON, and ends when stdin does.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx

from bench.processes import LOAD_CORE, Program
from bench.town import PASSWORD
from clustr.cli.refusal import Refusal

#: Longer than any start takes, on a machine that others use too.
START_S = 180
#: Requests of one load that may be under way. More would only stand in line.
MOST_OPEN = 32


def start_web(environment: Mapping[str, str], port: int) -> Program:
    """The web process as production starts it, one worker, wherever the machine puts it. Returns when it answers."""
    command = [sys.executable, "-P", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1", "clustr.wsgi:application"]
    program = Program(command, environment=environment)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                return program
        except httpx.HTTPError:
            time.sleep(0.1)
    raise Refusal(f"The web process did not start:\n{program.output}")


class App:
    """Somebody of the town, signed in over REST."""

    def __init__(self, port: int, email: str, estate_id: str) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self.estate = f"/api/v1/estates/{estate_id}"
        self._http = httpx.Client(base_url=self._base, timeout=30)
        given = {"email": email, "password": PASSWORD}
        answer = self._http.post("/_allauth/app/v1/auth/login", json=given)
        if answer.status_code != 200:
            raise Refusal(f"{email} could not sign in: {answer.text}")
        self._http.headers["Authorization"] = f"Bearer {answer.json()['meta']['access_token']}"

    def close(self) -> None:
        self._http.close()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """`path` under the estate's address."""
        answer = self._http.post(f"{self.estate}{path}", json=body)
        if answer.is_error:
            raise Refusal(f"POST {path} was refused: {answer.text}")
        content: dict[str, Any] = answer.json()
        return content

    def start_load(self, rate: float) -> Program:
        """So many requests a second in his name, until the program ends."""
        program = Program([sys.executable, "-P", "-m", "bench.rest"], core=LOAD_CORE)
        authorization = self._http.headers["Authorization"]
        program.say(
            json.dumps(
                {"base": self._base, "estate": self.estate, "authorization": authorization, "rate": rate}
            )
        )
        program.expect("loading")
        return program


def end_load(program: Program) -> dict[str, Any]:
    """End it; returns `requests`, `per_s`, `p50_ms` and the count of each `status`."""
    program.say("end")
    answer: dict[str, Any] = json.loads(program.expect('{"requests"'))
    program.stop()
    return answer


class _Load:
    """What an estate's apps ask for all day; one request in six writes."""

    def __init__(self, client: httpx.AsyncClient, estate: str) -> None:
        self._client, self._estate = client, estate
        self._contacts: list[str] = []
        self.taken: list[float] = []
        self.status: Counter[str] = Counter()

    async def ask(self, number: int) -> None:
        began = time.monotonic()
        answer = await self._request(number)
        self.taken.append(time.monotonic() - began)
        self.status[str(answer.status_code)] += 1

    async def _request(self, number: int) -> httpx.Response:
        match number % 6:
            case 0:
                return await self._client.get("/api/v1/me/")
            case 1:
                return await self._client.get(f"{self._estate}/alerts/?state=open")
            case 2:
                return await self._client.get(f"{self._estate}/")
            case 3:
                return await self._client.post(f"{self._estate}/realtime/tokens/", json={})
            case 4:
                return await self._client.get(f"{self._estate}/alerts/")
            case _:
                return await self._write(number)

    async def _write(self, number: int) -> httpx.Response:
        contacts = f"{self._estate}/contacts/"
        if self._contacts:
            return await self._client.delete(f"{contacts}{self._contacts.pop()}/")
        # Ofcom keeps these numbers, among others, for drama.
        given = {"name": "Somebody", "phone": f"+4477009008{number % 100:02d}"}
        answer = await self._client.post(contacts, json=given)
        if answer.status_code == 201:
            self._contacts.append(answer.json()["id"])
        return answer


async def _main(base: str, estate: str, authorization: str, rate: float) -> dict[str, Any]:
    running: set[asyncio.Task[None]] = set()
    end = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    async with httpx.AsyncClient(
        base_url=base, headers={"Authorization": authorization}, timeout=30
    ) as client:
        load = _Load(client, estate)
        print("loading", flush=True)
        began, number = time.monotonic(), 0
        while not end.done():
            await asyncio.sleep(max(0, began + number / rate - time.monotonic()))
            if len(running) < MOST_OPEN:
                task = asyncio.create_task(load.ask(number))
                running.add(task)
                task.add_done_callback(running.discard)
            number += 1
        seconds = time.monotonic() - began
        await asyncio.gather(*running)
    taken = sorted(load.taken)
    return {
        "requests": len(taken),
        "per_s": round(len(taken) / seconds, 1),
        "p50_ms": round(taken[len(taken) // 2] * 1000, 1) if taken else None,
        "status": dict(load.status),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_main(**json.loads(sys.stdin.readline())))), flush=True)
