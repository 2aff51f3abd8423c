"""ws and Socket.IO on node, installed from npm into the benches' cache folder."""

import shutil
import subprocess
from pathlib import Path

from bench.contestant import Contestant
from bench.load import cache_folder

HERE = Path(__file__).parent
INSTALL_S = 120


class _Node(Contestant):
    script: str

    @classmethod
    def missing(cls) -> str | None:
        if not (shutil.which("node") and shutil.which("npm")):
            return "no node with npm on this machine"
        return _install()

    def start(self) -> None:
        script = _modules() / self.script
        shutil.copy(HERE / self.script, script)
        self.run(["node", str(script), str(self.port)]).expect("ready")

    @property
    def pids(self) -> list[int]:
        return [self._programs[0].pid]

    def send(self, texts: list[str]) -> None:
        self._programs[0].say("\n".join(texts))


class Ws(_Node):
    name = "ws, node"
    route = "pipe, ws.send() per socket"
    script = "ws_server.mjs"


class SocketIo(_Node):
    name = "Socket.IO, node"
    route = "pipe, io.emit(), websocket transport alone, no adapter"
    script = "socketio_server.mjs"
    path = "/socket.io/?EIO=4&transport=websocket"
    ready = '40{"sid"'

    def hello(self) -> Path:
        path = self.folder / "socketio.hello"
        path.write_text("t40\n")
        return path


def _modules() -> Path:
    folder = cache_folder() / "node"
    folder.mkdir(exist_ok=True)
    return folder


def _install() -> str | None:
    """Bring what package.json names into the cache folder. Returns why not."""
    folder = _modules()
    wanted = (HERE / "package.json").read_text()
    stamp = folder / "installed.json"
    if stamp.exists() and stamp.read_text() == wanted:
        return None
    (folder / "package.json").write_text(wanted)
    command = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--ignore-scripts",
        "--silent",
    ]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_S
        )
    except subprocess.TimeoutExpired:
        return f"npm did not bring ws and socket.io in {INSTALL_S} s"
    if done.returncode:
        return f"npm could not bring ws and socket.io ({done.stderr.strip().splitlines()[-1:] or 'no reason given'})"
    stamp.write_text(wanted)
    return None
