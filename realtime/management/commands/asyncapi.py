"""The specification of the socket, for a file or a pipe."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from realtime.specification.document import asyncapi
from realtime.specification.reference import reference_page


class Command(BaseCommand):
    help = (
        "Write the AsyncAPI document of the live feed, or the page of the documentation that is made from it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="where to; else to the standard output")
        parser.add_argument("--page", action="store_true", help="the Markdown page instead of the document")

    def handle(self, *args: object, file: Path | None, page: bool, **options: Any) -> None:
        document = asyncapi()
        text = reference_page(document) if page else json.dumps(document, indent=2) + "\n"
        if file is None:
            self.stdout.write(text, ending="")
        else:
            file.write_text(text, encoding="utf-8")
