"""Everything in one application (`application`), or sockets and health alone (`realtime`)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")

django_application = get_asgi_application()

# Imported late: they need Django to be set up.
from channels.routing import ProtocolTypeRouter  # noqa: E402

# What requests and commands enqueue is sent through it.
from clustr.celery import app as celery_app  # noqa: E402, F401
from clustr.warm_up import warm_up  # noqa: E402
from realtime.endpoint import sockets  # noqa: E402

warm_up()

application = ProtocolTypeRouter({"http": django_application, "websocket": sockets})

#: The `realtime` processes answer the same health checks; the proxy sends them nothing else over HTTP.
realtime = application
