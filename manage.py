#!/usr/bin/env python
"""Django's own command line, with ClustR's settings."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    from django.core.management import execute_from_command_line

    # What a command enqueues is sent through it.
    from clustr.celery import app as celery_app  # noqa: F401

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
