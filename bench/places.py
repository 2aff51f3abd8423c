"""Where REST is served from: the two servers on the two databases."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.processes import Program
from bench.rest import START_S, start_web
from bench.servers import KEY, Backend
from clustr.cli.refusal import Refusal
from tests.support.ports import free_port
from tests.support.processes import clean_environment, cli

SERVERS = ("gunicorn", "uvicorn")
DATABASES = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Place:
    """`server`: gunicorn with one worker, as production serves REST, or uvicorn with everything in one process."""

    server: str
    database: str
    environment: Mapping[str, str]
    folder: Path

    @contextmanager
    def served(self) -> Iterator[tuple[Program, int]]:
        """The program and its port, for as long as it answers."""
        port = free_port()
        if self.server == "gunicorn":
            program = start_web(self.environment, port)
        else:
            program = Program(
                cli("serve", "--port", str(port), "--data-dir", str(self.folder)),
                environment=self.environment,
            )
        try:
            _wait(program, port)
            yield program, port
        finally:
            program.stop()


def place(server: str, database: str, backend: Backend | None, folder: Path) -> Place:
    """PostgreSQL behind gunicorn is production as it stands; the rest is the embedded way, with another half of it."""
    if database == "postgresql" and backend is None:
        raise Refusal("PostgreSQL is asked for and there is none.")
    if server == "gunicorn" and backend is not None and database == "postgresql":
        return Place(server, database, backend.environment("web"), folder)
    given = {"CLUSTR_DATABASE_URL": backend.database_url} if database == "postgresql" and backend else {}
    environment = clean_environment(
        CLUSTR_DATA_DIR=str(folder),
        CLUSTR_SECRET_KEY=KEY,
        CLUSTR_LOG_LEVEL="WARNING",
        CLUSTR_REQUESTS_PER_USER="0",
        CLUSTR_REQUESTS_PER_ADDRESS="0",
        **given,
    )
    return Place(server, database, environment, folder)


def _wait(program: Program, port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise Refusal(f"{program.name} did not start:\n{program.output}")
