"""A ClustR that runs as a process, and its people as apps use it."""

import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.processes import Process, clean_environment, cli


def start(command: str, data: Path, *more: str, **environment: str) -> Process:
    """`clustr <command>` on `data`, on a free port."""
    arguments = cli(command, "--port", "0", "--data-dir", str(data), *more)
    return Process(arguments, environment=clean_environment(**environment))


def call(url: str, body: object | None = None, token: str = "") -> Any:
    """GET, or POST where there is a body. Raises `HTTPError`."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20) as answer:
        return json.load(answer)


class App:
    """One person's app: signed in with a bearer token."""

    def __init__(self, url: str, person: dict[str, str]) -> None:
        self.person, self.url = person, url
        sign_in = {"email": person["email"], "password": person["password"]}
        self.token = call(f"{url}/_allauth/app/v1/auth/login", sign_in)["meta"]["access_token"]

    def call(self, path: str, body: object | None = None) -> Any:
        """`path` under the person's estate."""
        return call(f"{self.url}/api/v1/estates/{self.person['estate_id']}/{path}", body, self.token)

    @property
    def ws(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/ws/v1/"

    def connect_frame(self, device: str = "tablet") -> str:
        """The first frame of a socket."""
        token = self.call("realtime/tokens/", {})["token"]
        return json.dumps({"type": "connect", "ref": "1", "token": token, "device": device})


@dataclass
class Demo:
    """A demo that is ready, and its data folder."""

    process: Process
    data: Path

    def __post_init__(self) -> None:
        self.url = self.process.expect("ClustR is ready:").split()[3]

    @property
    def sign_ins(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.data / "demo.json").read_text())
        return content

    @property
    def cast(self) -> dict[str, dict[str, str]]:
        """By first name, in lower case."""
        return {person["name"].split()[0].lower(): person for person in self.sign_ins["people"]}

    def app(self, name: str) -> App:
        return App(self.url, self.cast[name])
