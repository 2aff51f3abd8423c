"""The REST twins of the socket's commands: the same data, the same service behind both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """`path`: below the estate's address."""

    method: str
    path: str
    body: Mapping[str, Any]


_ALERT = "emergency.alert."

#: Command -> path; `{id}` is taken out of the command's data.
PATHS: Mapping[str, str] = {
    f"{_ALERT}raise": "alerts/",
    f"{_ALERT}acknowledge": "alerts/{id}/acknowledge/",
    f"{_ALERT}respond": "alerts/{id}/respond/",
    f"{_ALERT}on_scene": "alerts/{id}/on-scene/",
    f"{_ALERT}resolve": "alerts/{id}/resolve/",
    f"{_ALERT}close": "alerts/{id}/close/",
    f"{_ALERT}cancel": "alerts/{id}/cancel/",
    f"{_ALERT}request_cancel": "alerts/{id}/cancel-request/",
    "emergency.message.post": "alerts/{id}/messages/",
}


def lane_of(command: str, data: Mapping[str, Any], key: str) -> str:
    """Commands of one lane go one after the other: those about one subject, apart from what is said about it."""
    subject = str(data.get("id", key))
    return f"said on {subject}" if command == "emergency.message.post" else subject


def twin_of(command: str, data: Mapping[str, Any]) -> Request | None:
    """How the command goes by REST; None where it goes over the socket alone."""
    path = PATHS.get(command)
    if path is None:
        return None
    if "{id}" not in path:
        return Request("POST", path, data)
    return Request(
        "POST", path.format(id=data["id"]), {name: value for name, value in data.items() if name != "id"}
    )
