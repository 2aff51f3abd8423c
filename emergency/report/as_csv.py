"""A report as a table: first what is known, then what happened, then what became of each message."""

from collections.abc import Iterator
from datetime import datetime

from core.csv_text import csv_text
from emergency.report.contents import MOMENTS, Report, facts

HEADS = (
    "part",
    "at",
    "after_s",
    "who",
    "text",
    "channel",
    "address",
    "step",
    "state",
    *(word for _, word in MOMENTS),
    "error",
)

Row = list[str | float | None]


def report_as_csv(report: Report) -> str:
    """One row for each fact, each entry of the timeline and each delivery; times with the estate's offset."""
    return csv_text(HEADS, _rows(report))


def _rows(report: Report) -> Iterator[Row]:
    for word, answer in facts(report):
        yield _row("fact", who=word, text=answer)
    for entry in report.timeline:
        yield _row(
            "timeline",
            at=_stamp(report, entry.at),
            after_s=round(report.after_s(entry.at), 3),
            who=entry.actor.name,
            text=entry.text,
        )
    for one in report.deliveries or ():
        moments = {word: _stamp(report, getattr(one, name)) for name, word in MOMENTS}
        yield _row(
            "delivery",
            at=_stamp(report, one.intended_at),
            after_s=round(report.after_s(one.intended_at), 3) if one.intended_at else None,
            who=one.recipient_name,
            channel=one.channel,
            address=one.address,
            step=one.step,
            state=one.state,
            error=one.error,
            **moments,
        )


def _row(part: str, **cells: str | float | None) -> Row:
    return [part, *(cells.get(head) for head in HEADS[1:])]


def _stamp(report: Report, at: datetime | None) -> str | None:
    return report.local(at).isoformat(timespec="milliseconds") if at else None
