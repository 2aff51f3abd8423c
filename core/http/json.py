"""JSON in and out, through msgspec, with a limit on what is read."""

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer

from core.errors import TooLarge
from core.http.problems import CONTENT_TYPE

#: Bytes of a request body. Uploads have a parser of their own.
MAX_BODY = 256 * 1024


class BodyTooLarge(TooLarge):
    code = "body_too_large"
    title = "The request body is too large"


class JSONParser(BaseParser):
    """Reads a JSON body of at most `MAX_BODY` bytes. Raises `BodyTooLarge` or REST framework's `ParseError`."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise BodyTooLarge(f"A request body may have at most {MAX_BODY} bytes.")
        if not raw:
            return {}
        try:
            return msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ParseError(f"This is not JSON: {error}") from None


class ProblemOrJSONRenderer(BaseRenderer):
    """Writes JSON; keeps `application/problem+json` where an error set it."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        try:
            return msgspec.json.encode(data)
        except TypeError:
            # Lazy translations and other of Django's own types.
            return JSONRenderer().render(data, accepted_media_type, renderer_context)


__all__ = ["CONTENT_TYPE", "MAX_BODY", "BodyTooLarge", "JSONParser", "ProblemOrJSONRenderer"]
