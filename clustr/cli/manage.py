"""`clustr manage ...`: Django's own command line."""

import os

from clustr.cli.data_dir import chosen


def run(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    if os.environ.get("CLUSTR_MODE", "embedded") == "embedded":
        # SQLite makes its file, but not the folder.
        data_dir = chosen(None, "var")
        data_dir.mkdir(parents=True, exist_ok=True)
        os.environ["CLUSTR_DATA_DIR"] = str(data_dir)
    from django.core.management import execute_from_command_line

    # What a command enqueues is sent through it.
    from clustr.celery import app as celery_app  # noqa: F401

    execute_from_command_line(["clustr manage", *arguments])
    return 0
