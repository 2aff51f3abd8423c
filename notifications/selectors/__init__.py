"""Reads of the delivery record, and of what people want."""

from notifications.selectors.deliveries import (
    Summary,
    deliveries_of,
    get_call,
    get_message,
    is_text,
    overdue,
    summary_of,
    unreached,
    unreceived,
)

__all__ = [
    "Summary",
    "deliveries_of",
    "get_call",
    "get_message",
    "is_text",
    "overdue",
    "summary_of",
    "unreached",
    "unreceived",
]
