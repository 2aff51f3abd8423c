"""The websocket protocol class: RFC 6455 as clients may play it, and a peer that does not read."""

import asyncio
import json
import os
import socket
import struct
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from core.actors import SYSTEM
from core.unit_of_work import unit_of_work
from realtime.doorstep import is_plain_upgrade
from realtime.events import Fact
from realtime.framing import framed, payloads
from realtime.publishing import publish
from realtime.session import MAX_BUFFERED
from realtime.topics import everyone
from tests.support.wire import Wire

pytestmark = [pytest.mark.socket, pytest.mark.in_process]

_UPGRADE = (
    "GET /ws/v1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

CONNECT = {"type": "connect", "ref": "c", "device": "d"}


class Filled(Fact, type="test.thing.filled"):
    filler: str


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_frames_of_every_length_are_what_they_were(size):
    payload = b"x" * size

    assert list(payloads(framed(payload))) == [payload]
    assert list(payloads(framed(payload) + framed(b"{}") + framed(payload))) == [payload, b"{}", payload]


async def test_a_message_in_several_frames_is_one(server, cast):
    text = json.dumps({**CONNECT, "token": await server.token(cast.gate)})
    async with connect(server.ws, compression=None) as wire:
        await wire.send([text[:10], text[10:20], text[20:]])

        assert json.loads(await wire.recv())["type"] == "welcome"


async def test_a_ping_between_the_parts_of_a_message_is_answered(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await _shake_hands(reader, writer)
    writer.write(_masked(0x01, b'{"ty'))
    writer.write(_masked(0x89, b"still there?"))
    assert await reader.readexactly(14) == b"\x8a\x0cstill there?"
    writer.write(_masked(0x80, b'pe":'))

    assert (await _close_of(reader)) == 4504
    writer.close()


async def test_many_small_parts_are_not_more_than_one_message(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await _shake_hands(reader, writer)
    writer.write(_masked(0x01, b"x" * 60_000))
    with suppress(ConnectionError):
        for _ in range(40):
            writer.write(_masked(0x00, b"x" * 60_000))
            await writer.drain()

        assert (await _close_of(reader)) == 1009
    writer.close()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x02{}", 1002),
        (b"\x83\x80\x00\x00\x00\x00", 1002),
        (b"\x09\x80\x00\x00\x00\x00", 1002),
        (b"\x88\x82\x00\x00\x00\x00\x00\x01", 1002),
    ],
    ids=["not masked", "unknown opcode", "control in parts", "close code 1"],
)
async def test_what_the_rfc_forbids_closes_the_socket(server, frame, code):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await _shake_hands(reader, writer)
    writer.write(frame)

    assert (await _close_of(reader)) == code
    writer.close()


async def test_a_client_that_closes_is_answered_with_its_own_code(server, cast):
    tablet = await server.tablet(cast.gate)
    await tablet._connection.close(code=4321, reason="the guard goes home")

    with pytest.raises(ConnectionClosed) as closed:
        await tablet._connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4321


async def test_text_that_is_no_unicode_is_a_bad_frame(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await _shake_hands(reader, writer)
    writer.write(_masked(0x81, b'{"type": "\xff\xfe"}'))

    assert (await _close_of(reader)) == 4504
    writer.close()


@pytest.mark.parametrize("path", ["/ws/v2/", "/ws/v1", "/"])
async def test_another_path_is_refused_before_the_handshake(server, path):
    with pytest.raises(Exception, match="403"):
        await Wire.open(server.ws.replace("/ws/v1/", path))


@pytest.mark.parametrize(
    "written",
    [
        _UPGRADE.replace("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
        _UPGRADE.replace(": ", ":")
        .replace("Upgrade:", "upgrade:")
        .replace("Sec-WebSocket-", "sec-websocket-"),
        _UPGRADE.replace("Upgrade: websocket", "Upgrade: WebSocket"),
        _UPGRADE.replace("\r\n\r\n", f"\r\nCookie: a={'x' * 20_000}\r\n\r\n"),
    ],
    ids=["Firefox", "as short as can be", "capitals", "a long cookie"],
)
@pytest.mark.parametrize("parts", [1, 3])
async def test_upgrade_requests_as_browsers_write_them(server, written, parts):
    """In one piece or in several, which take another way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    size = len(written) // parts + 1
    for at in range(0, len(written), size):
        writer.write(written[at : at + size].encode())
        await writer.drain()
        await asyncio.sleep(0.05)

    await _expect_switch(reader)
    writer.close()


@pytest.mark.parametrize(
    ("missing", "status"),
    [
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"400"),
        ("Sec-WebSocket-Version: 13\r\n", b"400"),
        ("Upgrade: websocket\r\n", b"404"),
        ("Connection: Upgrade\r\n", b"404"),
    ],
)
async def test_what_is_no_upgrade_to_a_websocket_gets_none(server, missing, status):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(_UPGRADE.replace(missing, "").encode())

    assert (await reader.readline()).split()[1] == status
    writer.close()


@pytest.mark.parametrize(
    ("request_", "is_plain"),
    [
        (_UPGRADE, True),
        (_UPGRADE.replace("/ws/v1/", "/ws/v1/?page=1"), True),
        (_UPGRADE.replace("GET", "POST"), False),
        (_UPGRADE.replace("HTTP/1.1", "HTTP/1.0"), False),
        (_UPGRADE.replace("websocket", "h2c"), False),
        (_UPGRADE.replace("Connection: Upgrade", "Connection: close"), False),
        (_UPGRADE.replace("Connection: Upgrade", "Connection: notupgrade"), False),
        (_UPGRADE.replace("Host:", "Content-Length: 3\r\nHost:"), False),
        (_UPGRADE.replace("Host:", "Transfer-Encoding: chunked\r\nHost:"), False),
        (_UPGRADE.replace("Host:", "Long: one\r\n two\r\nHost:"), False),
        (_UPGRADE.replace("Host:", "Na me: one\r\nHost:"), False),
        (_UPGRADE.replace("Host:", "Name: a\x00b\r\nHost:"), False),
        (_UPGRADE + "GET / HTTP/1.1\r\n\r\n", False),
        (_UPGRADE[:-2], False),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", False),
    ],
)
def test_only_a_plain_upgrade_request_goes_past_the_parser(request_, is_plain):
    assert is_plain_upgrade(request_.encode()) is is_plain


async def test_a_client_that_leaves_before_the_handshake_harms_nobody(server, cast):
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(_UPGRADE.encode())
        writer.transport.abort()

    tablet = await server.tablet(cast.gate)
    await tablet.close()


async def test_who_reads_slowly_gets_everything_and_who_reads_nothing_is_closed(server, cast):
    slow, stuck = await _narrow_tablet(server, cast.gate), await _narrow_tablet(server, cast.sule)
    other = await server.tablet(cast.ada)
    count, size = 60, 100_000
    stuck._connection.transport.pause_reading()

    for _ in range(count):
        await _fill(cast.estate.pk, size)
        await other.expect("test.thing.filled")
    assert [(await slow.event())["offset"] for _ in range(count)] == list(range(1, count + 1))

    assert count * size > 2 * MAX_BUFFERED
    stuck._connection.transport.resume_reading()
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await stuck._connection.recv()
    assert closed.value.rcvd is None or closed.value.rcvd.code == 4008
    for tablet in (slow, other):
        await tablet.close()


async def _fill(estate_id, size):
    def tell() -> None:
        with unit_of_work():
            publish(Filled(filler="x" * size), to=[everyone(estate_id)], actor=SYSTEM)

    await asyncio.to_thread(tell)


async def _narrow_tablet(server, person):
    """Its kernel takes little, so that the server sees soon that it does not read."""
    tcp = socket.socket()
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    tcp.connect(("127.0.0.1", server.port))
    # Heartbeats and presence, which come as time passes, take places in the client's own queue as well.
    wire = await Wire.open(server.ws, sock=tcp, ping_interval=None, max_queue=24)
    await wire.send({**CONNECT, "device": person.email, "token": await server.token(person)})
    await wire.frame("welcome")
    return _Reading(wire)


class _Reading:
    """Reads events one after the other, and gives signs of life."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._connection = wire._connection

    async def event(self):
        await self.wire.send({"type": "ping"})
        return await self.wire.frame("event")

    async def close(self):
        await self.wire.close()


async def _shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_UPGRADE.encode())
    await _expect_switch(reader)


async def _expect_switch(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101")
    # RFC 6455, section 1.3: the answer to this very key.
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head


def _masked(first: int, payload: bytes) -> bytes:
    mask = os.urandom(4)
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack("!H", len(payload))
    return bytes([first]) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


async def _close_of(reader: asyncio.StreamReader) -> int:
    """The code of the first close frame; what comes before it is read over."""
    async with asyncio.timeout(10):
        while True:
            first, size = await reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
            payload = await reader.readexactly(size)
            if first == 0x88:
                return int.from_bytes(payload[:2])
