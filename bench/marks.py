"""How the load client knows an event, and when it was sent."""

import time


def marked(number: int, size: int) -> str:
    """A text of `size` characters with the event's number and the publisher's CLOCK_MONOTONIC of now."""
    mark = f"#B{number}:{time.clock_gettime_ns(time.CLOCK_MONOTONIC)}#"
    return mark.ljust(size, ".")
