"""The stock application under daphne; `python -m bench.peers.stock_app` publishes lists of texts from stdin."""

import asyncio
import json
import os
import sys
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="for a benchmark",
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["BENCH_REDIS_URL"]]},
        }
    },
)
django.setup()

# Imported late: they need the settings.
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402

GROUP = "bench"


class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def bench_event(self, message: dict[str, Any]) -> None:
        await self.send(text_data=message["text"])


application = ProtocolTypeRouter({"websocket": Consumer.as_asgi()})


async def _publish() -> None:
    layer = get_channel_layer()
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        for text in json.loads(line):
            await layer.group_send(GROUP, {"type": "bench.event", "text": text})


if __name__ == "__main__":
    asyncio.run(_publish())
