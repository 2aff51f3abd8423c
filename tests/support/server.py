"""A real server for the socket tests: uvicorn in a thread of the test process, or daphne as a process of its own."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from urllib.parse import quote

import httpx
import uvicorn
from django.db import connection

from tests.support.doors import Doors
from tests.support.ports import free_port

KIND = os.environ.get("CLUSTR_TEST_SERVER", "uvicorn")


class Server(Doors, ABC):
    """What the tests need of a running server."""

    def __init__(self) -> None:
        self.port = free_port()

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/v1/"

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...

    def wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.http}/healthz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise RuntimeError("the server did not start")


class UvicornServer(Server):
    """In this process, so that the clock can be moved and what runs is measured."""

    def start(self) -> None:
        from clustr.asgi import application

        config = uvicorn.Config(
            application,
            host="127.0.0.1",
            port=self.port,
            http="realtime.doorstep:Doorstep",
            ws=os.environ.get("CLUSTR_TEST_WS", "realtime.fast_protocol:FastProtocol"),
            ws_per_message_deflate=False,
            ws_max_size=1024 * 1024,
            lifespan="off",
            log_config=None,
            access_log=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._thread.start()
        self.wait()

    def _run(self) -> None:
        # The loop of production, whose transports are not asyncio's own.
        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        from realtime.hub import close_hub

        try:
            await self._server.serve()
        finally:
            await close_hub()

    def stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)


class DaphneServer(Server):
    """The other supported server, on the same test database."""

    def start(self) -> None:
        environment = {**os.environ, "CLUSTR_DATABASE_URL": database_url()}
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "daphne",
                "-b",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-v",
                "0",
                "clustr.asgi:application",
            ],
            env=environment,
        )
        self.wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def database_url() -> str:
    """The test database, as another process's setting."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user = quote(database["USER"] or "")
    password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    return f"postgres://{user}{password}@{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"


def make_server() -> Server:
    return DaphneServer() if KIND == "daphne" else UvicornServer()


__all__ = ["KIND", "Server", "database_url", "free_port", "make_server"]
