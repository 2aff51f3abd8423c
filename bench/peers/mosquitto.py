"""Mosquitto: MQTT over websockets, at most once (QoS 0)."""

import shutil
import socket
import struct
from pathlib import Path

from bench.contestant import Contestant
from bench.peers.answering import wait_for_port
from tests.support.ports import free_port

CONFIGURATION = """
per_listener_settings false
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 0
log_dest stderr
log_type error
{user}
listener {port} 127.0.0.1
protocol websockets
listener {publishing} 127.0.0.1
"""

TOPIC = b"bench"


class Mosquitto(Contestant):
    name = "mosquitto"
    route = "MQTT over TCP, MQTT over websocket, QoS 0"
    path = "/mqtt"
    subprotocol = "mqtt"
    #: The topic's name stands in every publication; a subscription's answer holds nothing that is as easy to find.
    ready = ""

    @classmethod
    def missing(cls) -> str | None:
        return None if _mosquitto() else "no mosquitto on this machine (Debian: mosquitto)"

    def start(self) -> None:
        import os

        publishing = free_port()
        file = self.folder / "mosquitto.conf"
        user = "user root" if os.geteuid() == 0 else ""
        file.write_text(CONFIGURATION.format(port=self.port, publishing=publishing, user=user))
        program = _mosquitto()
        assert program
        wait_for_port(publishing, self.run([program, "-c", str(file)]))
        self._door = socket.create_connection(("127.0.0.1", publishing))
        self._door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._door.sendall(_connect("publisher"))
        self._door.recv(4)

    @property
    def pids(self) -> list[int]:
        return [self._programs[0].pid]

    def hello(self) -> Path:
        path = self.folder / "mosquitto.hello"
        path.write_text("".join(f"b{_hello(number).hex()}\n" for number in range(self.sockets)))
        return path

    def send(self, texts: list[str]) -> None:
        self._door.sendall(b"".join(_packet(0x30, _text(TOPIC) + text.encode()) for text in texts))


def _hello(number: int) -> bytes:
    subscribe = struct.pack(">H", 1) + _text(TOPIC) + b"\x00"
    return _connect(f"bench-{number}") + _packet(0x82, subscribe)


def _connect(client: str) -> bytes:
    # MQTT 3.1.1, clean session, no keep-alive.
    return _packet(0x10, _text(b"MQTT") + b"\x04\x02\x00\x00" + _text(client.encode()))


def _packet(kind: int, body: bytes) -> bytes:
    length, rest = bytearray(), len(body)
    while True:
        rest, digit = divmod(rest, 128)[0], rest % 128
        length.append(digit | (0x80 if rest else 0))
        if not rest:
            return bytes([kind]) + bytes(length) + body


def _text(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def _mosquitto() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
