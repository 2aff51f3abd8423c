"""REST and pages, for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")

application = get_wsgi_application()

# Imported late: they need Django's settings. What requests enqueue is sent through the first.
from clustr.celery import app as celery_app  # noqa: E402, F401
from clustr.warm_up import warm_up  # noqa: E402

warm_up()
