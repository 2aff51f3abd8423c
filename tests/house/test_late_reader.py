"""The reader that `bench stall` makes late counts right: shown on a server that drops, repeats and reorders."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from websockets.sync.server import ServerConnection, serve

from bench.late_reader import LateReader
from bench.marks import marked

TOPIC = "estate.one.all"
HELLO = {"type": "connect", "ref": "1", "token": "good", "device": "one"}


class Planted:
    """Welcomes whoever comes, tells the numbers of that connection, in this order, and closes with 4008."""

    def __init__(self, *connections: list[int]) -> None:
        self.hellos: list[dict[str, Any]] = []
        self._connections = list(connections)

    def serve(self, socket: ServerConnection) -> None:
        self.hellos.append(json.loads(socket.recv()))
        is_known = TOPIC in self.hellos[-1]["topics"]
        state = {"head": 0, "epoch": "e", "recovered": is_known}
        socket.send(json.dumps({"type": "welcome", "resume_token": "back", "topics": {TOPIC: state}}))
        if not self._connections:
            # Nothing more to tell: until the reader goes.
            for _ in socket:
                pass
            return
        for number in self._connections.pop(0):
            data = {"text": marked(number, 60)}
            socket.send(json.dumps({"type": "event", "topic": TOPIC, "offset": number + 1, "data": data}))
        socket.close(4008)


@contextmanager
def listening_to(planted: Planted) -> Iterator[LateReader]:
    with serve(planted.serve, "127.0.0.1", 0, compression=None) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        with LateReader(f"ws://127.0.0.1:{port}/", HELLO) as reader:
            yield reader
        server.shutdown()


def test_it_knows_what_was_lost_came_twice_or_came_too_late() -> None:
    planted = Planted([0, 1, 1, 4, 3])
    with listening_to(planted) as reader:
        assert reader.wait_for(3, 2, timeout_s=10)
        assert not reader.wait_for(0, 5, timeout_s=0.2)
        assert (reader.missing(0, 5), reader.duplicated, reader.reordered) == (1, 1, 1)


def test_it_comes_back_to_where_it_was_cut_off() -> None:
    planted = Planted([0, 1], [2])
    with listening_to(planted) as reader:
        assert reader.wait_for(0, 3, timeout_s=10)
        assert reader.closes[4008] >= 1
    first, second, *_ = planted.hellos
    assert (first["token"], first["topics"]) == ("good", {})
    assert "token" not in second
    assert second["resume_token"] == "back"
    assert second["topics"] == {TOPIC: {"offset": 2, "epoch": "e"}}
    assert (reader.duplicated, reader.reordered, reader.resyncs) == (0, 0, 0)
