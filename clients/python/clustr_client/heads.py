"""Holds what the server says it has sent against what has arrived."""

import asyncio
from collections.abc import Callable, Mapping

from clustr_client.positions import Positions

#: Seconds after which frames that were on their way have arrived.
SETTLED_S = 1.5


class HeadsCheck:
    """`on_loss` is called where a position stays behind a heartbeat's head."""

    def __init__(
        self, positions: Positions, on_loss: Callable[[], None], *, settled_s: float = SETTLED_S
    ) -> None:
        self._positions = positions
        self._on_loss = on_loss
        self._settled_s = settled_s
        self._timer: asyncio.TimerHandle | None = None

    def compare(self, heads: Mapping[str, int]) -> None:
        """A heartbeat came."""
        behind = self._positions.behind(heads)
        if behind and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._settled_s, self._judge, behind)
        elif not behind:
            self.stop()

    def stop(self) -> None:
        """Whatever was suspected is void."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _judge(self, stood_at: Mapping[str, int]) -> None:
        self._timer = None
        now_at = self._positions.offsets()
        # A position that moves is a replay in progress; one that stands still has lost something.
        if any(now_at.get(topic) == offset for topic, offset in stood_at.items()):
            self._on_loss()
