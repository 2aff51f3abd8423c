"""The websocket endpoint `/ws/v1/`: handshake, first frame, welcome, live, close."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from core.errors import ClustrError
from realtime.close_codes import CloseCode
from realtime.connection import Connection, Gone, Receive, Send, connection_of
from realtime.frames import Connect, Error, encode
from realtime.hub import Hub, running_hub
from realtime.intake import BadFrame, Intake, parse
from realtime.origin import origin_is_allowed
from realtime.session import Session

log = logging.getLogger(__name__)

PATH = "/ws/v1/"
#: Seconds that a client has for its first frame.
CONNECT_TIMEOUT_S = 10


def sockets(scope: Mapping[str, Any], receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
    """The ASGI application of every websocket."""
    is_allowed = scope["path"] == PATH and origin_is_allowed(scope["headers"])
    # The scope is let go of here: ten thousand sockets would keep the headers of ten thousand handshakes.
    return _socket(connection_of(scope, receive, send), receive, send, is_allowed=is_allowed)


async def _socket(connection: Connection, receive: Receive, send: Send, *, is_allowed: bool) -> None:
    await receive()
    if not is_allowed:
        await send({"type": "websocket.close", "code": 4403})
        return
    await send({"type": "websocket.accept"})
    try:
        hub = running_hub()
        session = await hub.greeter.welcome(await _first_frame(connection), connection)
    except Gone:
        return
    except BadFrame as error:
        await _refuse(connection, CloseCode.BAD_FRAME, "bad_frame", str(error))
    except TimeoutError:
        await _refuse(connection, CloseCode.UNAUTHENTICATED, "connect_timeout", "No connect frame came.")
    except ClustrError as error:
        # What is temporary is not the client's fault: it comes back.
        code = CloseCode.RESTART if error.temporary else CloseCode.UNAUTHENTICATED
        await _refuse(connection, code, error.code, error.detail, temporary=error.temporary)
    except Exception:
        log.exception("A handshake failed")
        await _refuse(
            connection, CloseCode.RESTART, "internal", "This failed on our side. Try again.", temporary=True
        )
    else:
        await _serve(session, connection, hub)


async def _first_frame(connection: Connection) -> Connect:
    async with asyncio.timeout(CONNECT_TIMEOUT_S):
        frame = parse(await connection.first())
    if not isinstance(frame, Connect):
        raise BadFrame("the first frame must be connect")
    return frame


async def _refuse(
    connection: Connection, code: CloseCode, error: str, message: str, *, temporary: bool = False
) -> None:
    connection.write(encode(Error(code=error, message=message, temporary=temporary)))
    await connection.close(int(code), message[:120])


async def _serve(session: Session, connection: Connection, hub: Hub) -> None:
    """Until somebody closes: the client, we, or the line."""
    intake = Intake(session, hub)
    connection.listen(intake)
    try:
        await session.wait_closed()
    finally:
        hub.leave(session)
        session.stop()
        await session.send_close()
        await intake.finish()
