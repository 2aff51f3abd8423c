"""The page of the documentation that is made from the document: `manage.py asyncapi --page`."""

from collections.abc import Iterable
from typing import Any

from realtime.specification.overview import CommandRow, EventRow, Member, Overview, Shape, overview_of

HEAD = """\
# Realtime reference

Every frame, event, command and shape of the [realtime protocol](realtime-protocol.md), as tables. This page is made
from the AsyncAPI 3 document by `clustr manage asyncapi --page --file docs/realtime-reference.md`; a test holds it
current. A running ClustR serves the document at `/api/v1/asyncapi.json` and these tables at `/api/docs/realtime/`.
"""


def reference_page(document: dict[str, Any]) -> str:
    """Markdown."""
    return "\n".join(_lines(overview_of(document)))


def _lines(overview: Overview) -> Iterable[str]:
    yield HEAD
    for title, shapes in (
        ("Frames from a client", overview.from_client),
        ("Frames from the server", overview.from_server),
    ):
        yield f"## {title}\n"
        for shape in shapes:
            yield from _shape(shape)
    yield from (
        "## Every event\n",
        "| event | topic | who hears it | data | what happened |",
        "|---|---|---|---|---|",
    )
    yield from (line for event in overview.events for line in _event(event))
    yield from (
        "",
        "## Every command\n",
        "| command | data | answer | permission | never limited | |",
        "|" + "---|" * 6,
    )
    yield from (_command(command) for command in overview.commands)
    yield from ("", "## How a socket is closed\n", "| code | name | come back | when |", "|---|---|---|---|")
    for code in overview.close_codes:
        yield f"| {code['code']} | `{code['name']}` | {_yes(code['comes_back'])} | {code['meaning']} |"
    yield "\n## Shapes\n"
    for shape in overview.shapes:
        yield from _shape(shape)


def _shape(shape: Shape) -> Iterable[str]:
    yield f"### `{shape.title}`\n"
    if shape.about:
        yield f"{_text(shape.about)}\n"
    if shape.words:
        yield f"One of {', '.join(f'`{word}`' for word in shape.words)}.\n"
    if shape.members:
        yield from ("| member | type | needed |", "|---|---|---|")
        yield from (f"| `{one.name}` | {one.kind} | {_yes(one.is_required)} |" for one in shape.members)
        yield ""


def _event(event: EventRow) -> Iterable[str]:
    """A line for each topic; what is the same stands in the first one alone."""
    data = ", ".join(f"`{_plain(one)}`" for one in event.members)
    for number, (topic, audience) in enumerate(event.told):
        first = (f"`{event.name}`", data, _text(event.meaning)) if number == 0 else ("", "", "")
        yield f"| {first[0]} | `{topic}` | {audience} | {first[1]} | {first[2]} |"


def _plain(member: Member) -> str:
    return f"{member.name}: {member.kind}"


def _command(command: CommandRow) -> str:
    return (
        f"| `{command.name}` | `{command.data}` | `{command.answer}` | `{command.permission}` |"
        f" {_yes(command.is_never_limited)} | {_text(command.about)} |"
    )


def _text(text: str) -> str:
    """In a table's cell."""
    return text.replace("|", "\\|")


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
