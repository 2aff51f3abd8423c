from datetime import timedelta

import pytest
import time_machine

from core.clock import now
from tests.support.background import run_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_process_that_answers_is_alive(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_means_that_the_worker_ran_lately(client):
    assert client.get("/readyz").status_code == 503

    run_task("emergency.audit")
    ready = client.get("/readyz")
    assert ready.status_code == 200, ready.content
    assert set(ready.json()["checks"].values()) == {"ok"}

    with time_machine.travel(now() + timedelta(minutes=2)):
        late = client.get("/readyz")
    assert late.status_code == 503
    assert "no worker" in late.json()["checks"]["worker"]


def test_a_layer_that_does_not_answer_is_not_ready(client, monkeypatch):
    run_task("emergency.audit")

    def broken(timeout_s: float) -> None:
        raise ConnectionError

    monkeypatch.setattr("clustr.health.broker.check", broken)

    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["layer"] == "ConnectionError"


def test_metrics_are_for_whoever_has_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.CLUSTR_METRICS_TOKEN = "let-me-see"
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404

    answer = client.get("/metrics", headers={"Authorization": "Bearer let-me-see"})

    assert answer.status_code == 200
    assert b"clustr_" in answer.content
