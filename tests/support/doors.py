"""The doors of a running ClustR, wherever it runs: REST and the socket, as an app uses them."""

from typing import Any, Protocol

import httpx

from tests.support.wire import Tablet


class SignsIn(Protocol):
    """What the doors need to know of a person."""

    @property
    def email(self) -> str: ...
    @property
    def password(self) -> str: ...
    def url(self, path: str) -> str: ...


class Doors(Protocol):
    """`http`: the address of REST; `ws`: the address of the socket."""

    @property
    def http(self) -> str: ...
    @property
    def ws(self) -> str: ...

    async def sign_in(self, person: SignsIn, *, by: str = "email") -> httpx.AsyncClient:
        """A REST client with a bearer token, signed in as an app would. `by`: "email" or "phone"."""
        client = httpx.AsyncClient(base_url=self.http, timeout=20)
        answer = await client.post(
            "/_allauth/app/v1/auth/login", json={by: getattr(person, by), "password": person.password}
        )
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['meta']['access_token']}"
        return client

    async def token(self, person: SignsIn, *, client: httpx.AsyncClient | None = None) -> str:
        """A connection token."""
        api = client or await self.sign_in(person)
        answer = await api.post(person.url("realtime/tokens/"))
        assert answer.status_code == 201, answer.text
        if client is None:
            await api.aclose()
        return str(answer.json()["token"])

    async def tablet(self, person: SignsIn, *, token: str | None = None, **options: Any) -> Tablet:
        """A connected tablet of this person."""
        return await Tablet.connect(self.ws, token=token or await self.token(person), **options)
