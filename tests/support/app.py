"""An app on a phone, as far as it signs in: REST in process, with whatever token it was given last."""

import json
from typing import Any

from django.test import Client

from tests.support.cast import PASSWORD, Person

API = "/_allauth/app/v1/"


class App:
    """`app("POST", "auth/login", {...})`. A sign-in that is not finished has a session token alone."""

    def __init__(self) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        sent = "" if body is None else json.dumps(body)
        answer: Any = self.client.generic(
            method, f"{API}{path}", sent, "application/json", headers=self.headers
        )
        meta = answer.json().get("meta", {})
        if "access_token" in meta:
            self.headers = {"Authorization": f"Bearer {meta['access_token']}"}
        elif "session_token" in meta:
            self.headers = {"X-Session-Token": meta["session_token"]}
        return answer

    def sign_in(self, person: Person) -> Any:
        return self("POST", "auth/login", {"email": person.email, "password": PASSWORD})

    @property
    def is_in(self) -> bool:
        return bool(self.client.get("/api/v1/me/", headers=self.headers).status_code == 200)
