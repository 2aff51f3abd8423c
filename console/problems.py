"""The catalogue of problems: what `docs/problems.md` says about each code, with the title that its answers carry."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from core.errors import ClustrError

#: The page of the documentation is the one place where the meanings stand; it goes into the image for this.
SOURCE = Path(__file__).resolve().parent.parent / "docs" / "problems.md"

_GROUP = re.compile(r"^## (?P<title>.+)$")
_ENTRY = re.compile(r"^### `(?P<code>[a-z_]+)`$")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(slots=True)
class Entry:
    """One code. `meaning`: with backticks around code."""

    code: str
    title: str
    meaning: str


@dataclass(slots=True)
class Group:
    """Codes about one subject."""

    title: str
    intro: str = ""
    entries: list[Entry] = field(default_factory=list)


@lru_cache(maxsize=1)
def catalogue() -> list[Group]:
    """In the order of the page."""
    titles = {error.code: error.title for error in _family(ClustrError)}
    groups: list[Group] = []
    for paragraph in SOURCE.read_text(encoding="utf-8").split("\n\n"):
        head, _, rest = paragraph.strip().partition("\n")
        if found := _GROUP.match(head):
            groups.append(Group(found["title"]))
        elif found := _ENTRY.match(head):
            code = found["code"]
            title = titles.get(code, code.replace("_", " ").capitalize())
            groups[-1].entries.append(Entry(code, title, _words(rest)))
        elif groups and not groups[-1].entries:
            groups[-1].intro += _words(paragraph)
    return groups


def _family(base: type[ClustrError]) -> list[type[ClustrError]]:
    return [base, *(one for child in base.__subclasses__() for one in _family(child))]


def _words(text: str) -> str:
    """On one line; a link leaves its words."""
    return " ".join(_LINK.sub(r"\1", text).split())
