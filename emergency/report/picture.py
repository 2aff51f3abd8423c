"""The course of an alert as a picture: a bar in the colours of its states over an axis of time, with what happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor, white

from emergency.report.contents import Report, length

HEIGHT: Final = 118.0
BAR_Y: Final = 66.0
BAR_HEIGHT: Final = 14.0
#: Room for words, in points.
LABEL_WIDTH: Final = 92.0
ROW_HEIGHT: Final = 11.0

OPEN, WAITING, DONE, QUIET, INK = map(HexColor, ("#a80f1a", "#ffc447", "#0b5d2b", "#c9cfca", "#101a1e"))
#: Seconds between the marks of the axis; the first with which there are at most eight.
TICKS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 604800)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of the bar. `end`: None where it is still so."""

    word: str
    begin: datetime
    end: datetime | None
    colour: Color


def draw_course(report: Report, width: float, font: str, bold: str) -> Drawing:
    """A drawing `width` points wide."""
    stretches = stretches_of(report)
    begin = report.alert.raised_at
    end = max(stretches[-1].end or report.taken_at, begin)
    span = max(1.0, (end - begin).total_seconds())
    drawing = Drawing(width, HEIGHT)

    def x_of(at: datetime) -> float:
        return width * min(1.0, max(0.0, (at - begin).total_seconds() / span))

    for stretch in stretches:
        left, right = x_of(stretch.begin), x_of(stretch.end or end)
        drawing.add(
            Rect(left, BAR_Y, max(right - left, 1.2), BAR_HEIGHT, fillColor=stretch.colour, strokeColor=None)
        )
    _draw_axis(drawing, width, span, font)
    _draw_names(drawing, [(x_of(one.begin), one) for one in stretches], width, report, font, bold)
    _draw_texts(drawing, report, x_of)
    return drawing


def stretches_of(report: Report) -> list[Stretch]:
    """The states of the alert one after the other, as far as they came to pass."""
    alert = report.alert
    at: dict[str, datetime] = {}
    for entry in report.timeline:
        at.setdefault(entry.kind, entry.at)
    active_at = at.get("activated", alert.raised_at)
    begins = [
        ("raised", alert.raised_at if active_at > alert.raised_at else None, QUIET),
        ("nobody has it", active_at, OPEN),
        ("acknowledged", alert.acknowledged_at, WAITING),
        ("on the way", at.get("responding"), WAITING),
        ("on scene", at.get("on_scene"), WAITING),
        ("resolved", alert.resolved_at, DONE),
        ("closed", alert.closed_at, DONE),
    ]
    known = [(word, begin, colour) for word, begin, colour in begins if begin is not None]
    # A second responder may be on the way after the first has arrived: the bar shows who is furthest.
    forward = [
        one for number, one in enumerate(known) if all(one[1] >= before[1] for before in known[:number])
    ]
    ends = [begin for _, begin, _ in forward[1:]]
    last = forward[-1][1] if forward[-1][0] in ("resolved", "closed") else None
    return [
        Stretch(word, begin, end, colour)
        for (word, begin, colour), end in zip(forward, [*ends, last], strict=True)
    ]


def _draw_axis(drawing: Drawing, width: float, span: float, font: str) -> None:
    drawing.add(Line(0, BAR_Y - 8, width, BAR_Y - 8, strokeColor=INK, strokeWidth=0.6))
    every = next((tick for tick in TICKS if span / tick <= 8), TICKS[-1])
    for number in range(int(span // every) + 1):
        x = width * number * every / span
        drawing.add(Line(x, BAR_Y - 8, x, BAR_Y - 12, strokeColor=INK, strokeWidth=0.6))
        anchor = "start" if number == 0 else "end" if x > width - 20 else "middle"
        drawing.add(
            String(x, BAR_Y - 21, f"+{length(number * every)}", fontName=font, fontSize=7, textAnchor=anchor)
        )


def _draw_names(
    drawing: Drawing,
    begun: list[tuple[float, Stretch]],
    width: float,
    report: Report,
    font: str,
    bold: str,
) -> None:
    """The words above the bar; one that would run into another goes one row higher."""
    ends: list[float] = []
    labels: list[tuple[float, float, Stretch]] = []
    for x, stretch in begun:
        left = min(x, width - LABEL_WIDTH)
        row = next((number for number, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [left + LABEL_WIDTH]
        y = BAR_Y + BAR_HEIGHT + 5 + row * ROW_HEIGHT
        drawing.add(Line(x, BAR_Y, x, y + 6, strokeColor=INK, strokeWidth=0.4))
        labels.append((left + 2, y, stretch))
    for left, y, stretch in labels:
        # On white, so that the stroke of a name above does not run through it.
        drawing.add(Rect(left, y - 1, LABEL_WIDTH - 8, 8, fillColor=white, strokeColor=None))
        drawing.add(String(left, y, stretch.word, fontName=bold, fontSize=7))
        clock = f"{report.local(stretch.begin):%H:%M:%S}"
        drawing.add(String(left + 54, y, clock, fontName=font, fontSize=7))


def _draw_texts(drawing: Drawing, report: Report, x_of: Any) -> None:
    """A stroke below the axis for each step of the ladder: when people were told again."""
    for entry in report.timeline:
        if entry.kind == "step":
            x = x_of(entry.at)
            drawing.add(Line(x, BAR_Y - 28, x, BAR_Y - 38, strokeColor=OPEN, strokeWidth=1.1))
