"""A report as a document of A4 pages that can be printed, filed and handed to the police."""

from datetime import datetime
from functools import cache, partial
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from emergency.report.contents import Report, facts, length, words
from emergency.report.picture import draw_course

FONT, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
#: What the standard fonts of PDF cannot write are most of the world's names.
FONTS: Final = Path(__file__).parent / "fonts"
MARGIN: Final = 18 * mm
WIDTH: Final = A4[0] - 2 * MARGIN

#: The columns of the delivery matrix that say when.
WHEN: Final = ("sent_at", "delivered_at", "received_at", "seen_at", "acknowledged_at")

BODY: Final = ParagraphStyle("body", fontName=FONT, fontSize=8.5, leading=11.5, splitLongWords=True)
SMALL: Final = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=9.5)
TITLE: Final = ParagraphStyle("title", parent=BODY, fontName=BOLD, fontSize=16, leading=20)
HEAD: Final = ParagraphStyle(
    "head", parent=BODY, fontName=BOLD, fontSize=11, leading=14, spaceBefore=12, spaceAfter=4
)


def report_as_pdf(report: Report) -> bytes:
    """The same alert gives the same pages, but for who took them and when."""
    _register_fonts()
    title = f"Incident report no. {report.alert.number}"
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        margin=MARGIN,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{title}, {report.estate}",
        author=report.estate,
        creator="ClustR",
    )
    document.build(
        [
            Paragraph(escape(f"{'DRILL. ' if report.alert.is_drill else ''}{title}"), TITLE),
            Paragraph(escape(report.estate), BODY),
            Spacer(1, 8),
            _facts(report),
            Paragraph("Course", HEAD),
            draw_course(report, WIDTH, FONT, BOLD),
            Paragraph("Red strokes below the axis: each time people were told again.", SMALL),
            Paragraph("What happened", HEAD),
            _timeline(report),
            *_deliveries(report),
        ],
        canvasmaker=partial(_NumberedCanvas, foot=_foot(report)),
    )
    return file.getvalue()


@cache
def _register_fonts() -> None:
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


def _facts(report: Report) -> Table:
    rows = [[_cell(word, bold=True), _cell(answer)] for word, answer in facts(report)]
    return Table(rows, colWidths=[32 * mm, WIDTH - 32 * mm], style=_ruled(has_heads=False), hAlign="LEFT")


def _timeline(report: Report) -> Table:
    rows = [[_cell(word, bold=True) for word in ("Time", "After", "What")]]
    rows += [
        [
            _cell(f"{report.local(entry.at):%H:%M:%S}"),
            _cell(f"+{length(report.after_s(entry.at))}"),
            _cell(entry.text),
        ]
        for entry in report.timeline
    ]
    widths = [18 * mm, 24 * mm, WIDTH - 42 * mm]
    return Table(rows, colWidths=widths, repeatRows=1, style=_ruled(), hAlign="LEFT")


def _deliveries(report: Report) -> list[Any]:
    if report.deliveries is None:
        return []
    head = Paragraph("Who was told, and how far each message came", HEAD)
    if not report.deliveries:
        return [head, Paragraph("Nobody had been told.", BODY)]
    names = ("Person", "By", "Step", "State", "Sent", "Delivered", "Received", "Seen", "Answered")
    rows = [[_cell(name, bold=True, small=True) for name in names]]
    for one in report.deliveries:
        state = f"{words(one.state)}: {one.error}" if one.error else words(one.state)
        told = [one.recipient_name, _way(one.channel, one.address), one.step, state]
        when = [_second(report, getattr(one, name)) for name in WHEN]
        rows.append([_cell(text, small=True) for text in (*told, *when)])
    rest = WIDTH - 96 * mm
    widths = [34 * mm, 26 * mm, 10 * mm, 26 * mm, *[rest / len(WHEN)] * len(WHEN)]
    return [head, Table(rows, colWidths=widths, repeatRows=1, style=_ruled(), hAlign="LEFT")]


def _way(channel: str, address: str) -> str:
    ways = {"websocket": "tablet", "sms": f"SMS {address}", "voice": f"call {address}"}
    return ways.get(channel, f"{channel} {address}").strip()


def _second(report: Report, at: datetime | None) -> str:
    return f"{report.local(at):%H:%M:%S}" if at else ""


def _cell(text: str, *, bold: bool = False, small: bool = False) -> Paragraph:
    # Everything that people wrote passes through here: to a Paragraph it would be markup.
    safe = escape(text).replace("\n", "<br/>")
    return Paragraph(f"<b>{safe}</b>" if bold else safe, SMALL if small else BODY)


def _ruled(*, has_heads: bool = True) -> TableStyle:
    style = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#c9cfca")),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    if has_heads:
        style.add("LINEBELOW", (0, 0), (-1, 0), 1, colors.black)
    return style


def _foot(report: Report) -> str:
    return (
        f"Taken by {report.taken_by}, {report.local(report.taken_at):%d %b %Y, %H:%M:%S}. "
        f"Times are those of {report.zone.key}. Alert {report.alert.id}, version {report.alert.version}."
    )


class _NumberedCanvas(Canvas):
    """Writes "Page 1 of 3" when the number of pages is known: at the end."""

    def __init__(self, *args: Any, foot: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._foot = foot
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 (reportlab's name)
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(FONT, 7)
            self.drawString(MARGIN, MARGIN - 8 * mm, self._foot)
            self.drawRightString(A4[0] - MARGIN, MARGIN - 8 * mm, f"Page {number} of {len(self._pages)}")
            super().showPage()
        super().save()
