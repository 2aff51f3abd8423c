"""Nchan: publish and subscribe inside nginx."""

import shutil
import socket
from pathlib import Path

from bench.contestant import Contestant
from bench.measuring import with_children
from bench.peers.answering import wait_for_port
from bench.processes import OTHER_FILES

MODULES = ("/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/lib64/nginx/modules")

CONFIGURATION = """
load_module {module};
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    keepalive_timeout 3600;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /sub {{ nchan_subscriber websocket; nchan_channel_id bench; nchan_subscriber_first_message newest; }}
        location = /pub {{ nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 20; }}
    }}
}}
"""


class Nchan(Contestant):
    name = "Nchan"
    route = "HTTP POST to nginx, socket"
    path = "/sub"

    @classmethod
    def missing(cls) -> str | None:
        if _nginx() is None:
            return "no nginx on this machine"
        return None if _module() else "nginx has no Nchan module (Debian: libnginx-mod-nchan)"

    def start(self) -> None:
        import os

        folder = self.folder / "nchan"
        folder.mkdir()
        text = CONFIGURATION.format(
            module=_module(),
            files=self.sockets + OTHER_FILES,
            # More than it has sockets: near the limit nginx closes connections that are quiet.
            connections=2 * self.sockets + 1000,
            # Its worker must be able to write where this bench does.
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            port=self.port,
        )
        (folder / "nginx.conf").write_text(text)
        nginx = _nginx()
        assert nginx
        program = self.run(
            [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")]
        )
        wait_for_port(self.port, program)
        self._door = socket.create_connection(("127.0.0.1", self.port))
        self._door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        # Told to end, it ends its worker; killed, it leaves it behind.
        self._programs[0].stop()
        super().close()

    @property
    def pids(self) -> list[int]:
        return with_children(self._programs[0].pid)

    def send(self, texts: list[str]) -> None:
        # One after the other on one connection, without waiting for the answers.
        self._door.sendall(b"".join(_post(text) for text in texts))

    def settle(self) -> None:
        self._door.recv(1 << 16)


def _post(text: str) -> bytes:
    head = f"POST /pub HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n"
    return (head + text).encode()


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def _module() -> Path | None:
    files = (Path(folder) / "ngx_nchan_module.so" for folder in MODULES)
    return next((file for file in files if file.exists()), None)
