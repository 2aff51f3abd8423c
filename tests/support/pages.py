"""The documentation as a test reads it: headings, tables, code blocks, links."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_HEADING = re.compile(r"^(#+) +(.+?) *$", re.MULTILINE)
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")

Row = dict[str, str]


@dataclass(frozen=True)
class Page:
    """One Markdown file. `name`: from the repository's root."""

    name: str
    text: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @property
    def prose(self) -> str:
        """Everything outside code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def headings(self) -> list[str]:
        return [title.replace("`", "") for _, title in _HEADING.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """As both GitHub and MkDocs make them out of headings."""
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in self.headings}

    @property
    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    @property
    def codes(self) -> list[str]:
        """What stands between backticks, outside code blocks."""
        return _CODE.findall(self.prose)

    def blocks(self, language: str) -> list[str]:
        """The code blocks of one language, without their indentation."""
        return [
            re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)
            for indent, found, code in _FENCE.findall(self.text)
            if found == language
        ]

    def section(self, heading: str) -> str:
        """What stands between a heading and the next one of whatever level."""
        # A comment in a code block is no heading: blocks are blanked, in place.
        masked = _FENCE.sub(lambda block: " " * len(block[0]), self.text)
        for match in _HEADING.finditer(masked):
            if match[2].replace("`", "") == heading:
                after = _HEADING.search(masked, match.end())
                return self.text[match.end() : after.start() if after else None]
        raise LookupError(f"{self.name} has no heading {heading!r}")

    def table(self, heading: str, first_column: str) -> list[Row]:
        """The rows of the table under a heading whose first column is called so; a cell loses backticks around it."""
        rows = list(_rows(self.section(heading), first_column))
        assert rows, f"{self.name}, {heading}: no table that begins with {first_column!r}"
        return rows


def _rows(text: str, first_column: str):
    titles: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            titles = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not titles:
            titles = cells
        elif titles[0] == first_column and not set(line) <= set("|-: "):
            yield dict(zip(titles, (_bare(cell) for cell in cells), strict=True))


def _bare(cell: str) -> str:
    return cell[1:-1] if re.fullmatch(r"`[^`]+`", cell) else cell


def listed(cell: str) -> list[str]:
    """The backticked words of a cell, or its one bare word."""
    return _CODE.findall(cell) or [word for word in [cell] if word]


@cache
def page(name: str) -> Page:
    """A page by its path from the repository's root."""
    return Page(name, (ROOT / name).read_text(encoding="utf-8"))


def every_page() -> list[Page]:
    names = [
        "README.md",
        "CHANGELOG.md",
        *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md")),
    ]
    return [page(name) for name in names]
