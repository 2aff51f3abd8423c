"""The shortest way in: sign in, open the feed, and leave in good order."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from clustr_client.doors import AnyDoor, Doors
from clustr_client.errors import Unreachable
from clustr_client.feed import Feed
from clustr_client.rest import Account


@asynccontextmanager
async def open_feed(
    *doors: AnyDoor | str,
    name: str,
    password: str,
    estate_id: str,
    device: str | None = None,
    **options: Any,
) -> AsyncIterator[Feed]:
    """A started `Feed`; `options` are its own. `device`: made anew where it is not given, so give one that lasts.

    Raises `Refused` for a wrong password. Where nobody answers yet, the feed goes on trying.
    """
    account = Account(Doors(doors), name=name, password=password)
    try:
        with suppress(Unreachable):
            await account.sign_in()
        async with Feed(
            doors, account, estate_id=estate_id, device=device or uuid.uuid4().hex, **options
        ) as feed:
            yield feed
    finally:
        await account.aclose()
