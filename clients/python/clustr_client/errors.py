"""What can go wrong between a program and its estate."""

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Base of everything that this library raises."""


class Refused(ClientError):
    """The server understood and said no: a problem (RFC 9457) or an `error` frame.

    `status`: of HTTP, 0 where the socket said it. `code`: stable. `errors`: the members of the input that caused it.
    `temporary`: the same may succeed later. `retry_after_s`: seconds, 0 where the server gave none.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        errors: list[dict[str, str]] | None = None,
        temporary: bool = False,
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.errors = errors or []
        self.temporary = temporary
        self.retry_after_s = retry_after_s

    @classmethod
    def by_http(cls, status: int, problem: Mapping[str, Any], retry_after_s: float = 0.0) -> "Refused":
        """From the status and the problem's members."""
        message = problem.get("detail") or problem.get("title") or f"The server answered {status}."
        return cls(
            str(message),
            status=status,
            code=str(problem.get("code", "")),
            errors=[one for one in problem.get("errors", []) if isinstance(one, dict)],
            temporary=status in (408, 429) or status >= 500,
            retry_after_s=retry_after_s,
        )


class Unreachable(ClientError):
    """No answer: the network, or a server that is down. Whether the request arrived is unknown."""


class GaveUp(ClientError):
    """The server said no for good; the feed has ended. `code`: the close code, None where REST refused the token."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class Stopped(ClientError):
    """The feed was stopped before the command was answered. Whether it was carried out is unknown."""
