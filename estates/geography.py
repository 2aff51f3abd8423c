"""Countries and time zones by name, out of the IANA database."""

from functools import cache
from importlib.resources import files

_DATA = files("tzdata") / "zoneinfo"


@cache
def country_names() -> dict[str, str]:
    """Names by ISO 3166-1 alpha-2 code, by name."""
    rows = (line.split("\t") for line in _lines("iso3166.tab"))
    return dict(sorted(((code, name) for code, name in rows), key=lambda row: row[1]))


@cache
def time_zones() -> frozenset[str]:
    """IANA names of zones, those of one place and those that are kept under an older name."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())


@cache
def zones_by_country() -> dict[str, list[str]]:
    """The zones of each country, its most populous place first (`zone.tab` keeps them so)."""
    found: dict[str, list[str]] = {}
    for line in _lines("zone.tab"):
        code, _, zone = line.split("\t")[:3]
        found.setdefault(code, []).append(zone)
    return found


def _lines(name: str) -> list[str]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
