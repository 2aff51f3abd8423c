"""REST as one person: sign-in, tokens that are renewed, several doors."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import httpx

from clustr_client.doors import Doors
from clustr_client.errors import Refused, Unreachable

LOGIN = "/_allauth/app/v1/auth/login"
REFRESH = "/_allauth/app/v1/tokens/refresh"
#: What a proxy answers where nobody is behind it.
DOWN = frozenset({502, 503, 504})


class Account:
    """A signed-in person. `name`: email address, or telephone number with country code."""

    def __init__(
        self,
        doors: Doors,
        *,
        name: str,
        password: str,
        timeout_s: float = 8.0,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._doors = doors
        self._credentials = {"email" if "@" in name else "phone": name, "password": password}
        self._http = http or httpx.AsyncClient(timeout=timeout_s)
        self._access = ""
        self._refresh = ""
        self._renewing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.sign_in()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the connections. The sign-in stays."""
        await self._http.aclose()

    async def sign_in(self) -> None:
        """Raises `Refused` with the status 401 for a wrong password, `Unreachable` without an answer."""
        try:
            answer = await self._ask("POST", LOGIN, body=self._credentials)
        except Refused as refused:
            if not refused.temporary:
                # Whatever the form is called in which the sign-in says so.
                refused.status = httpx.codes.UNAUTHORIZED
            raise
        self._keep(answer, "meta")

    async def call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> Any:
        """The answer's JSON, or None. `path`: from the root. `key`: the idempotency key.

        An access token that has expired is renewed, by its refresh token or by signing in again.
        Raises `Refused`, `Unreachable`.
        """
        headers = {"Idempotency-Key": key} if key else {}
        used = self._access or await self._renewed("")
        try:
            return await self._ask(method, path, body=body, headers=headers | self._bearer)
        except Refused as refused:
            if refused.status != httpx.codes.UNAUTHORIZED:
                raise
        await self._renewed(used)
        return await self._ask(method, path, body=body, headers=headers | self._bearer)

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._access}"}

    async def _renewed(self, used: str) -> str:
        """Another access token than `used`, got once for all who find theirs expired at the same time."""
        async with self._renewing:
            if self._access == used:
                await self._renew()
            return self._access

    async def _renew(self) -> None:
        token, self._refresh = self._refresh, ""
        if token:
            try:
                self._keep(await self._ask("POST", REFRESH, body={"refresh_token": token}), "data")
            except Refused:
                pass
            else:
                return
        await self.sign_in()

    def _keep(self, answer: Any, member: str) -> None:
        tokens: Mapping[str, str] = answer[member]
        self._access = tokens["access_token"]
        self._refresh = tokens.get("refresh_token") or self._refresh

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        answer = await self._first_answer(
            method, path, body, {"Accept": "application/json", **(headers or {})}
        )
        content = _json(answer)
        if answer.is_success:
            return content
        retry_after = answer.headers.get("Retry-After", "")
        raise Refused.by_http(
            answer.status_code,
            content if isinstance(content, dict) else {},
            float(retry_after) if retry_after.isdecimal() else 0.0,
        )

    async def _first_answer(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Of the first door that serves at all."""
        may_repeat = method == "GET" or "Idempotency-Key" in headers
        doors_left = len(self._doors)
        while True:
            doors_left -= 1
            try:
                answer = await self._http.request(
                    method, self._doors.present.http + path, json=body, headers=dict(headers)
                )
            except httpx.TransportError as error:
                self._doors.turn()
                never_arrived = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if not doors_left or not (never_arrived or may_repeat):
                    raise Unreachable(f"No answer: {error!r}") from error
            else:
                if answer.status_code not in DOWN or not doors_left:
                    return answer
                self._doors.turn()


def _json(answer: httpx.Response) -> Any:
    if "json" not in answer.headers.get("Content-Type", ""):
        return None
    try:
        return answer.json()
    except ValueError:
        return None
