"""Django Channels as its tutorial has it: a consumer and a group membership for each socket, on daphne."""

import json
import sys
from pathlib import Path

from bench.contestant import Contestant
from bench.peers.answering import wait_for_port
from bench.processes import LOAD_CORE
from clustr.cli import legs
from tests.support.own_servers import OwnRedis


class StockChannels(Contestant):
    name = "stock Channels, daphne"
    route = "group_send, channels_redis pub/sub, a consumer per socket"

    def __init__(self, sockets: int, folder: Path) -> None:
        super().__init__(sockets, folder)
        self._redis = OwnRedis()

    @classmethod
    def missing(cls) -> str | None:
        return legs.redis_server()

    def start(self) -> None:
        self._redis.start()
        options = ["-b", "127.0.0.1", "-p", str(self.port), "--verbosity", "0"]
        serve = [sys.executable, "-P", "-m", "daphne", *options, "bench.peers.stock_app:application"]
        redis_url = f"{self._redis.url}/0"
        wait_for_port(self.port, self.run(serve, BENCH_REDIS_URL=redis_url))
        publish = [sys.executable, "-P", "-m", "bench.peers.stock_app"]
        self.run(publish, core=LOAD_CORE, BENCH_REDIS_URL=redis_url).expect("ready")

    @property
    def pids(self) -> list[int]:
        return [self._programs[0].pid]

    def send(self, texts: list[str]) -> None:
        self._programs[1].say(json.dumps(texts))

    def close(self) -> None:
        super().close()
        self._redis.__exit__()
