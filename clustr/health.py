"""Is the process alive, can it do its work, and what does it count."""

import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

from django.conf import settings
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.clock import now
from emergency.auditor import status as auditor_status
from realtime.broker import broker

#: Seconds without a run of the auditor after which the worker or the beat is taken for dead.
AUDITOR_SILENCE_S = 30
#: Seconds for all checks together. Who asks waits no longer, whatever hangs.
ANSWER_S = 3.0

_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing else is asked: a restart would not mend a database."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 where the database and the channel layer answer, the worker ran the auditor lately and it found nothing."""
    running = {name: _threads.submit(_check, check) for name, check in CHECKS.items()}
    deadline = monotonic() + ANSWER_S
    checks = {name: _result(answer, deadline) for name, answer in running.items()}
    ready = all(result == "ok" for result in checks.values())
    body = {"status": "ok" if ready else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's text format, for whoever has the metrics token."""
    expected = settings.CLUSTR_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        return HttpResponse(status=404)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _check(check: Callable[[], str]) -> str:
    close_old_connections()
    try:
        return check()
    except Exception as error:
        return f"{error.__class__.__name__}"
    finally:
        connection.close()


def _result(answer: Future[str], deadline: float) -> str:
    try:
        return answer.result(max(0.0, deadline - monotonic()))
    except TimeoutError:
        answer.cancel()
        return f"no answer within {ANSWER_S:g} s"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _layer() -> str:
    broker.check(timeout_s=2)
    return "ok"


def _worker() -> str:
    last = auditor_status().last_run_at
    if last is None:
        return "the worker has not run yet"
    silent = (now() - last).total_seconds()
    return "ok" if silent < AUDITOR_SILENCE_S else f"no worker for {silent:.0f} s"


def _auditor() -> str:
    violations = auditor_status().violations
    return "ok" if not violations else f"{violations} open alerts without a next step"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "layer": _layer,
    "worker": _worker,
    "auditor": _auditor,
}
