"""Runs what docker-compose.yml describes, without Docker: the same commands on the same files, as plain processes."""

import os
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.processes import ROOT, Process

VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def interpolate(text: str, values: Mapping[str, str]) -> str:
    """`${NAME}` and `${NAME:-default}` as Compose reads them; `$$` is a dollar."""
    filled = VARIABLE.sub(lambda found: values.get(found[1]) or found[2] or "", text)
    return filled.replace("$$", "$")


def services() -> dict[str, dict[str, Any]]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found: dict[str, dict[str, Any]] = content["services"]
    return found


def image_content(target: Path) -> Path:
    """What .dockerignore lets into the image, copied: whatever else the commands needed would be missing there too."""
    target.mkdir()
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        name = line.removeprefix("!")
        if not line.startswith("!") or not (ROOT / name).exists():
            continue
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (target / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


class Stack:
    """The services as processes in `app`. `settings`: what takes the place of the containers' addresses and secrets."""

    def __init__(self, app: Path, settings: Mapping[str, str]) -> None:
        self.app, self.settings = app, settings
        self.services = services()
        self.ports = {name: free_port() for name in ("web", "web-emergency", "realtime", "proxy")}
        self.running: dict[str, Process] = {}

    def environment(self, name: str) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("HOME", "LANG") if key in os.environ}
        described = {
            key: interpolate(str(value), {}) for key, value in self.services[name]["environment"].items()
        }
        for key in self.settings:
            # A secret that is given as a file there is given as a file here.
            assert key in described, f"{name} does not set {key}"
        ours = {"PORT": str(self.ports[name])} if name in self.ports else {}
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin"
        return {
            **kept,
            **described,
            **self.settings,
            **ours,
            "PATH": path,
            "HOSTNAME": socket.gethostname(),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, name: str) -> Process:
        process = Process(self.services[name]["command"], environment=self.environment(name), cwd=self.app)
        self.running[name] = process
        return process

    def check(self, name: str) -> Process:
        """The service's own health check."""
        kind, *rest = self.services[name]["healthcheck"]["test"]
        command = rest if kind == "CMD" else ["/bin/sh", "-c", interpolate(rest[0], {})]
        return Process(command, environment=self.environment(name), cwd=self.app)

    def start_proxy(self, folder: Path) -> Process:
        """nginx with the template rendered as its image does it."""
        described = self.services["proxy"]["environment"]
        values = {key: interpolate(str(value), {}) for key, value in described.items()}
        values["PROXY_PORT"] = str(self.ports["proxy"])
        values["WEB_UPSTREAM"] = f"127.0.0.1:{self.ports['web']}"
        values["EMERGENCY_UPSTREAM"] = f"127.0.0.1:{self.ports['web-emergency']}"
        values["REALTIME_UPSTREAM"] = f"127.0.0.1:{self.ports['realtime']}"
        template = (ROOT / "deploy" / "nginx.conf.template").read_text()
        for key, value in values.items():
            template = template.replace(f"${{{key}}}", value)
        assert "${" not in template
        (folder / "nginx.conf").write_text(template)
        shutil.copy("/etc/nginx/mime.types", folder)
        outside = f"daemon off; pid {folder}/nginx.pid;" + (" user root;" if os.geteuid() == 0 else "")
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        process = Process(
            [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr", "-g", outside],
            environment={"PATH": "/usr/bin:/bin"},
            cwd=folder,
        )
        self.running["proxy"] = process
        return process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['proxy']}"

    def close(self) -> None:
        for process in self.running.values():
            process.__exit__(None, None, None)
