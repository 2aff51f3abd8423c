"""gunicorn for the web processes: REST and pages. Sockets are served by `realtime`, never here."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
# Processes come from WEB_CONCURRENCY, gunicorn's own variable (default 2 here). Threads wait for the database.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 8
# The proxy keeps connections open between requests.
keepalive = 75
timeout = 30
graceful_timeout = 10
# A slow growth of any kind ends with a fresh process, not all of them at once.
max_requests = 20_000
max_requests_jitter = 2_000
# The heartbeat file belongs in memory: on a disk that stalls, gunicorn would kill healthy workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
accesslog = None
errorlog = "-"
# Nobody steers it from outside, and its file system is read-only.
control_socket_disable = True
