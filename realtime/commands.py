"""Commands over the socket: the same services as REST, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import NotFound
from core.shapes import plain, read_json
from estates.members import Member
from estates.permissions import Permission, require
from estates.selectors import get_estate


class UnknownCommand(NotFound):
    code = "unknown_command"
    title = "There is no such command"


class Handler(Protocol):
    def __call__(self, *, actor: Member, data: Any, key: str | None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Command:
    """`exempt`: never rate limited, and run in the emergency's own threads."""

    name: str
    shape: type[Any]
    permission: Permission
    exempt: bool
    handler: Handler


commands: dict[str, Command] = {}


def command(
    name: str, shape: type[Any], *, permission: Permission, exempt: bool = False
) -> Callable[[Handler], Handler]:
    """Register `handler(actor, data, key)` under `name`; `data` is checked against `shape` before it is called."""

    def register(handler: Handler) -> Handler:
        commands[name] = Command(
            name=name, shape=shape, permission=permission, exempt=exempt, handler=handler
        )
        return handler

    return register


def run_command(name: str, raw: bytes, *, key: str | None, actor: Member) -> Any:
    """Check and run one command; the reply's data. Raises a `ClustrError`."""
    found = commands.get(name)
    if found is None:
        raise UnknownCommand(f"There is no command {name!r}.", field="name")
    require(actor, found.permission, get_estate(actor.estate_id))
    data = read_json(raw, found.shape)
    return plain(found.handler(actor=actor, data=data, key=key))
