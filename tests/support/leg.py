"""Chooses the backends before Django reads its settings. Loaded by pytest with `-p`, ahead of everything else.

`CLUSTR_TEST_LEG`: `embedded` (SQLite, all in process) or `production` (PostgreSQL and Redis).
"""

import os
import tempfile
from urllib.parse import urlsplit, urlunsplit

LEG = os.environ.get("CLUSTR_TEST_LEG", "embedded")

for name in [
    name for name in os.environ if name.startswith("CLUSTR_") and not name.startswith("CLUSTR_TEST_")
]:
    # A developer's own settings must not decide what is tested.
    del os.environ[name]

os.environ["CLUSTR_SECRET_KEY"] = "a-key-for-tests-that-is-long-enough-for-hs256"
# Short enough to be waited for, long enough for a test on a busy machine not to look dead.
os.environ["CLUSTR_HEARTBEAT_S"] = "2"
os.environ["CLUSTR_DATA_DIR"] = tempfile.mkdtemp(prefix="clustr-tests-")
os.environ["CLUSTR_LOG_LEVEL"] = "WARNING"
# Playwright keeps a loop running in the main thread, where the tests nevertheless use the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

if LEG == "production":
    server = urlsplit(
        os.environ.get("CLUSTR_TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    )
    os.environ["CLUSTR_DATABASE_URL"] = urlunsplit(server._replace(path="/postgres"))
    # A database for each worker: a test begins by emptying the cache, which must not be the neighbour's.
    redis = urlsplit(os.environ.get("CLUSTR_TEST_REDIS_URL", "redis://127.0.0.1:6379/9"))
    number = int(redis.path.strip("/") or 0) + int(
        os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    )
    os.environ["CLUSTR_REDIS_URL"] = urlunsplit(redis._replace(path=f"/{number}"))
    os.environ["CLUSTR_CELERY_BROKER_URL"] = "memory://"
