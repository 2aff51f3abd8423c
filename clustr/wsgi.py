"""REST and pages, for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")

application = get_wsgi_application()

# Imported late: it needs Django's settings. What requests enqueue is sent through it.
from clustr.celery import app as celery_app  # noqa: E402, F401
