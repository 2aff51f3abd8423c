"""Websocket framing of what the server says: done once for an event, not once for each socket.

A frame of the server to a client is not masked, so its bytes are the same for everybody (RFC 6455, section 5.1).
"""

from collections.abc import Iterator

_TEXT_AND_FINAL = 0x81
_SHORT = 125
_MEDIUM = 0xFFFF


def framed(payload: bytes) -> bytes:
    """`payload` (UTF-8) as one unmasked, unfragmented text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size <= _SHORT:
        return bytes((_TEXT_AND_FINAL, size)) + payload
    if size <= _MEDIUM:
        return bytes((_TEXT_AND_FINAL, 126)) + size.to_bytes(2) + payload
    return bytes((_TEXT_AND_FINAL, 127)) + size.to_bytes(8) + payload


def payloads(frames: bytes) -> Iterator[bytes]:
    """The payloads of frames that `framed` made, joined one after the other."""
    at = 0
    while at < len(frames):
        size, start = frames[at + 1], at + 2
        if size > _SHORT:
            width = 2 if size == 126 else 8
            size, start = int.from_bytes(frames[start : start + width]), start + width
        at = start + size
        yield frames[start:at]
