"""One hierarchy of errors for every door.

A subclass is named for what happened and carries a stable `code`; REST renders it as problem details (RFC 9457), the
socket as an `error` frame. Raise the subclass, never the bare family.
"""

from typing import Any, ClassVar


class ClustrError(Exception):
    """Base of everything that is the caller's to know.

    `detail`: one sentence for a person. `field`: the input that caused it. `extra`: further members of the problem.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    #: True where the same request may succeed later without being changed.
    temporary: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        fields: list[dict[str, str]] | None = None,
        **extra: Any,
    ) -> None:
        self.detail = detail or self.title
        self.fields = fields or ([{"field": field, "message": self.detail}] if field else [])
        self.extra = extra
        super().__init__(self.detail)


class Invalid(ClustrError):
    status = 400
    code = "invalid"
    title = "The request is not valid"


class Unauthenticated(ClustrError):
    status = 401
    code = "unauthenticated"
    title = "Sign in first"


class Denied(ClustrError):
    status = 403
    code = "denied"
    title = "You may not do this"


class NotFound(ClustrError):
    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(ClustrError):
    status = 409
    code = "conflict"
    title = "This cannot be done in the present state"


class TooLarge(ClustrError):
    status = 413
    code = "too_large"
    title = "The request is too large"


class RateLimited(ClustrError):
    """`retry_after_s` stands in `extra`."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"
    temporary = True


class Internal(ClustrError):
    """A mistake of ours, or something below us that broke. What exactly stands in the log, not in the answer."""

    status = 500
    code = "internal"
    title = "This failed on our side; try again"
    temporary = True


class Unavailable(ClustrError):
    status = 503
    code = "unavailable"
    title = "Not available right now"
    temporary = True
