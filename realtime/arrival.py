"""A client at the door."""

import asyncio
from dataclasses import dataclass, field

from realtime.connection import Connection
from realtime.frames import Connect, TopicState
from realtime.session import Session


@dataclass(slots=True, eq=False)
class Arrival:
    """A client at the door. `standing`: whether each topic's past can be told, by name."""

    connect: Connect
    connection: Connection
    done: asyncio.Future[Session]
    session: Session | None = None
    resume_token: str = ""
    standing: dict[str, TopicState] = field(default_factory=dict)
