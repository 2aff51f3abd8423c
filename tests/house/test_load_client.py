"""The load client counts right: shown on a server that was told to drop and to repeat."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from websockets.sync.server import Server, ServerConnection, serve

from bench.load.client import LoadClient
from bench.marks import marked
from bench.statements import CHECK, queries
from clustr.cli.refusal import Refusal

SOCKETS = 5

pytestmark = [
    pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"),
    # The machine's own compiler works on first use.
    pytest.mark.timeout(120),
]


class Planted:
    """Sends each socket what the test says, and nothing else."""

    def __init__(self) -> None:
        self._queues: list[Queue[str | None]] = []
        self._server: Server = serve(self._serve, "127.0.0.1", 0, compression=None)
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.socket.getsockname()[1])

    def send(self, number: int, *, to: list[int]) -> None:
        for socket in to:
            self._queues[socket].put(f'{{"data": "{marked(number, 200)}"}}')

    def hang_up(self, socket: int) -> None:
        self._queues[socket].put(None)

    def close(self) -> None:
        for queue in self._queues:
            queue.put(None)
        self._server.shutdown()

    def _serve(self, socket: ServerConnection) -> None:
        if socket.recv() != '{"hello": 1}':
            socket.close(4501)
            return
        queue: Queue[str | None] = Queue()
        self._queues.append(queue)
        socket.send('{"welcome": 1}')
        while (text := queue.get()) is not None:
            socket.send(text)


@pytest.fixture
def planted() -> Iterator[Planted]:
    server = Planted()
    yield server
    server.close()


@pytest.fixture
def client(planted: Planted, tmp_path: Path) -> Iterator[LoadClient]:
    """Connected."""
    (tmp_path / "hello").write_text('t{"hello": 1}\n')
    load = LoadClient(port=planted.port, path="/", sockets=SOCKETS, ready="welcome", only='"data"', life_s=60)
    load.connect(tmp_path / "hello", save=tmp_path / "welcomes")
    yield load
    load.close()


def everybody() -> list[int]:
    return list(range(SOCKETS))


def test_what_everybody_got_once_is_neither_lost_nor_twice(
    client: LoadClient, planted: Planted, tmp_path: Path
) -> None:
    client.begin(0, 100)
    for number in range(100):
        planted.send(number, to=everybody())
    taken = client.wait_all(100, timeout_s=20)
    report = client.report(100)
    assert len(taken) == 100
    assert (report["deliveries"], report["lost"], report["duplicated"]) == (100 * SOCKETS, 0, 0)
    assert 0 < report["first_ms"] <= report["last_ms"]
    assert len((tmp_path / "welcomes").read_text().splitlines()) == SOCKETS


def test_a_dropped_event_is_lost_for_the_one_socket(client: LoadClient, planted: Planted) -> None:
    client.begin(0, 3)
    planted.send(0, to=everybody())
    planted.send(1, to=[0, 1, 3, 4])
    planted.send(2, to=everybody())
    assert len(client.wait_all(3, timeout_s=2)) == 2
    report = client.report(3)
    assert (report["lost"], report["duplicated"]) == (1, 0)


def test_an_event_that_reached_nobody_is_lost_for_all(client: LoadClient, planted: Planted) -> None:
    client.begin(0, 2)
    planted.send(0, to=everybody())
    client.wait_all(1, timeout_s=10)
    assert client.report(2)["lost"] == SOCKETS


def test_a_repeated_event_is_a_duplicate_and_makes_up_for_no_loss(
    client: LoadClient, planted: Planted
) -> None:
    client.begin(0, 2)
    planted.send(0, to=[0, 0, 1, 2, 3, 4])
    planted.send(1, to=[0, 1, 1, 1, 2, 3])
    client.wait_all(2, timeout_s=2)
    report = client.report(2)
    assert (report["lost"], report["duplicated"]) == (1, 3)


def test_an_event_of_another_round_is_a_stray(client: LoadClient, planted: Planted) -> None:
    client.begin(10, 1)
    planted.send(9, to=[2])
    planted.send(10, to=everybody())
    client.wait_all(1, timeout_s=10)
    report = client.report(1)
    assert (report["stray"], report["lost"], report["duplicated"]) == (1, 0, 0)


def test_a_socket_that_is_closed_loses_the_rest(client: LoadClient, planted: Planted) -> None:
    client.begin(0, 1)
    planted.hang_up(0)
    time.sleep(0.2)
    planted.send(0, to=everybody())
    client.wait_all(1, timeout_s=1)
    report = client.report(1)
    assert report["lost"] == 1
    assert report["closes"] == {"1000": 1}


def test_a_server_that_refuses_for_good_ends_the_wait(planted: Planted, tmp_path: Path) -> None:
    (tmp_path / "hello").write_text('t{"hello": "nobody"}\n')
    load = LoadClient(port=planted.port, path="/", sockets=SOCKETS, ready="welcome", life_s=60)
    try:
        with pytest.raises(Refusal, match="cannot be opened"):
            load.connect(tmp_path / "hello")
    finally:
        load.close()


def test_latency_counts_from_the_publishers_stamp(client: LoadClient, planted: Planted) -> None:
    client.begin(0, 1)
    text = marked(0, 100)
    time.sleep(0.3)
    for queue in planted._queues:
        queue.put(f'{{"data": "{text}"}}')
    (last_ms,) = client.wait_all(1, timeout_s=10)
    assert 300 <= last_ms < 5000


def test_queries_are_told_from_their_frame_and_from_other_programs() -> None:
    log = "\n".join(
        [
            "realtime|LOG:  statement: BEGIN",
            "realtime|LOG:  execute <unnamed>: SELECT a FROM t WHERE id = 17",
            "realtime|LOG:  statement: SELECT a FROM t WHERE id = 'x'::uuid",
            "realtime|LOG:  statement: ",
            "web|LOG:  statement: SELECT 1",
            "realtime|LOG:  statement: COMMIT",
        ]
    )
    assert queries(log, "realtime") == {"SELECT a FROM t WHERE id = ?": 2, CHECK: 1}
