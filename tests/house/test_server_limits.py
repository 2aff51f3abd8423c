"""What a server process needs of the machine, and how it ends."""

import resource
import time

import pytest

from clustr.cli.refusal import Refusal
from clustr.cli.server import FILES_BESIDE, allow_sockets
from realtime.hub import Hub


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, int]]:
    """The process's limit of open files, as it would be."""
    state = {"files": (256, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: state["files"])
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: state.update(files=new))
    return state


def test_the_limit_of_open_files_is_raised_as_far_as_needed(limit: dict[str, tuple[int, int]]) -> None:
    allow_sockets(1000)
    assert limit["files"] == (1000 + FILES_BESIDE, 4096)


def test_enough_is_left_as_it_is(limit: dict[str, tuple[int, int]]) -> None:
    limit["files"] = (100_000, 100_000)
    allow_sockets(1000)
    assert limit["files"] == (100_000, 100_000)


def test_a_machine_that_gives_too_few_is_named(limit: dict[str, tuple[int, int]]) -> None:
    with pytest.raises(Refusal, match=r"needs 10256 open files, and this process may have 4096"):
        allow_sockets(10_000)
    assert limit["files"] == (256, 4096)


class Stub:
    """As much of a session as is closed."""

    def __init__(self) -> None:
        self.closed_at = 0.0

    def close(self, code: int, reason: str) -> None:
        self.closed_at = time.monotonic()


async def test_clients_are_sent_away_over_a_time_and_few_at_once() -> None:
    hub = Hub()
    stubs = [Stub() for _ in range(200)]
    hub.sessions = set(stubs)  # type: ignore[arg-type]

    began = time.monotonic()
    await hub.close_all(spread_s=0.4)

    times = sorted(stub.closed_at - began for stub in stubs)
    assert times[0] < 0.1
    assert times[-1] > 0.25
    assert len([at for at in times if at < 0.05]) <= 50


async def test_without_a_time_all_are_sent_away_at_once() -> None:
    hub = Hub()
    hub.sessions = {Stub() for _ in range(200)}  # type: ignore[misc]

    await hub.close_all()

    assert all(stub.closed_at for stub in hub.sessions)  # type: ignore[attr-defined]
