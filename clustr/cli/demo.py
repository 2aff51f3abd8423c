"""`clustr demo`: an example estate with a full cast and two weeks of life, served from one process."""

import json
import os
import sys
from typing import Any

from clustr.cli.data_dir import DataDir
from clustr.cli.refusal import Refusal
from clustr.cli.serve import read_options, serve

SIGN_INS = "demo.json"


def run(arguments: list[str]) -> int:
    if os.environ.get("CLUSTR_MODE") == "production":
        raise Refusal(
            "The demo is not for production: unset CLUSTR_MODE, or set up a real estate with bin/clustr manage."
        )
    return serve(read_options("demo", __doc__, "var/demo", arguments), prepare=_prepare)


def _prepare(data: DataDir, url: str) -> None:
    from clustr.seed.planting import EstateMissing, people, plant

    passwords = plant()
    if passwords is not None:
        print("Seeded Palm Court: its people, homes and the last two weeks.", flush=True)
    try:
        cast = people(passwords if passwords is not None else _kept_passwords(data))
    except EstateMissing:
        raise Refusal(
            f"The database of {data.path} holds another estate than the demo's: choose another folder with --data-dir."
        ) from None
    content = {"base_url": url, "estate_id": cast[0]["estate_id"], "people": cast}
    path = data.write_private(SIGN_INS, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    show(content, str(path))


def _kept_passwords(data: DataDir) -> dict[str, str]:
    """By email, from the file that the first start wrote; empty when it is gone or cannot be read."""
    try:
        kept = json.loads((data.path / SIGN_INS).read_text())
        return {str(person["email"]): str(person["password"]) for person in kept["people"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def show(content: dict[str, Any], path: str) -> None:
    """The addresses and sign-ins as a table."""
    url, estate_id = content["base_url"], content["estate_id"]
    rows = [
        (p["name"], p["role"].replace("_", " "), p["email"], p["phone"], p["password"])
        for p in content["people"]
    ]
    titles = ("name", "role", "email", "or phone", "password")
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    lines = [
        "",
        f"  Guard board    {url}/estates/{estate_id}/board/",
        f"  Resident       {url}/estates/{estate_id}/home/",
    ]
    lines += [
        f"  Manager        {url}/estates/{estate_id}/desk/alerts/",
        f"  API            {url}/api/docs/",
        "",
    ]
    for row in [titles, tuple("-" * width for width in widths), *rows]:
        lines.append(
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    lines += ["", f"  Sign in at {url}/sign-in/ ; the same stands in {path}", ""]
    print("\n".join(lines), file=sys.stdout, flush=True)
