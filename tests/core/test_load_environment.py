import pytest

from clustr.env import BadEnvironment, load

PRODUCTION = {
    "CLUSTR_MODE": "production",
    "CLUSTR_SECRET_KEY": "x" * 50,
    "CLUSTR_DATABASE_URL": "postgres://u:p@db/clustr",
    "CLUSTR_REDIS_URL": "redis://redis/0",
}


def problems(source: dict[str, str]) -> str:
    with pytest.raises(BadEnvironment) as caught:
        load(source)
    return "\n".join(caught.value.problems)


def test_nothing_set_is_the_embedded_mode():
    environment = load({})

    assert (environment.mode, environment.debug, environment.redis_urls) == ("embedded", False, [])


def test_values_are_typed():
    environment = load(
        {"CLUSTR_DEBUG": "true", "CLUSTR_HEARTBEAT_S": "2.5", "CLUSTR_DATABASE_POOL_SIZE": "4"}
    )

    assert (environment.debug, environment.heartbeat_s, environment.database_pool_size) == (True, 2.5, 4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLUSTR_MODE", "staging"),
        ("CLUSTR_DEBUG", "perhaps"),
        ("CLUSTR_HEARTBEAT_S", "0"),
        ("CLUSTR_DATABASE_POOL_SIZE", "many"),
        ("CLUSTR_PUBLIC_URL", "clustr.example/path"),
        ("CLUSTR_SMS_PROVIDER", "pigeon"),
        ("CLUSTR_VOICE_PROVIDER", "drums"),
        ("CLUSTR_PUBLIK_URL", "http://a"),
        ("CLUSTR_EMAIL_URL", "pigeon://loft"),
        ("CLUSTR_EMAIL_FROM", "office"),
    ],
)
def test_a_bad_value_is_refused_by_name(name, value):
    assert name in problems({name: value})


def test_every_problem_is_told_at_once():
    told = problems({"CLUSTR_MODE": "x", "CLUSTR_HEARTBEAT_S": "y"})

    assert "CLUSTR_MODE" in told
    assert "CLUSTR_HEARTBEAT_S" in told


def test_a_secret_may_stand_in_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("k" * 40 + "\n")

    assert load({"CLUSTR_SECRET_KEY_FILE": str(file)}).secret_key == "k" * 40


def test_a_secrets_value_is_never_told(tmp_path):
    told = problems({"CLUSTR_SECRET_KEY": "hunter2", "CLUSTR_SECRET_KEY_FILE": str(tmp_path / "none")})

    assert "hunter2" not in told
    assert "both set" in told


def test_a_file_that_is_not_there_and_a_file_for_no_secret(tmp_path):
    assert "cannot be read" in problems({"CLUSTR_SECRET_KEY_FILE": str(tmp_path / "none")})
    assert "only secrets" in problems({"CLUSTR_MODE_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"CLUSTR_SECRET_KEY": ""}, "CLUSTR_SECRET_KEY"),
        ({"CLUSTR_SECRET_KEY": "short"}, "CLUSTR_SECRET_KEY"),
        ({"CLUSTR_DATABASE_URL": "sqlite:///x"}, "CLUSTR_DATABASE_URL"),
        ({"CLUSTR_REDIS_URL": ""}, "CLUSTR_REDIS_URL"),
        ({"CLUSTR_DEBUG": "true"}, "CLUSTR_DEBUG"),
        ({"CLUSTR_SMS_PROVIDER": "twilio"}, "CLUSTR_TWILIO_AUTH_TOKEN"),
        ({"CLUSTR_VOICE_PROVIDER": "twilio"}, "CLUSTR_TWILIO_AUTH_TOKEN"),
        ({"CLUSTR_VOICE_PROVIDER": "twilio", "CLUSTR_TWILIO_FROM": "ClustR"}, "CLUSTR_TWILIO_VOICE_FROM"),
        ({"CLUSTR_VOICE_PROVIDER": "console", "CLUSTR_SMS_PROVIDER": "twilio"}, "CLUSTR_VOICE_PROVIDER"),
        ({"CLUSTR_EMAIL_URL": "smtp+tls://u:p@mail:587"}, "CLUSTR_EMAIL_FROM"),
    ],
)
def test_production_refuses_what_is_missing_or_default(change, told):
    assert load(PRODUCTION).is_production
    assert told in problems(PRODUCTION | change)


@pytest.mark.parametrize(
    ("given", "by"),
    [
        ({}, "console"),
        ({"CLUSTR_SMS_PROVIDER": "twilio"}, ""),
        ({"CLUSTR_SMS_PROVIDER": "twilio", "CLUSTR_VOICE_PROVIDER": "twilio"}, "twilio"),
        ({"CLUSTR_VOICE_PROVIDER": "twilio"}, "twilio"),
    ],
)
def test_who_places_calls(given, by):
    """Where texts are real, a call that would only be printed is none."""
    account = {"CLUSTR_TWILIO_ACCOUNT_SID": "AC1", "CLUSTR_TWILIO_AUTH_TOKEN": "t"}
    environment = load(account | {"CLUSTR_TWILIO_FROM": "+447700900123"} | given)
    assert (environment.calls_by, environment.caller) == (by, "+447700900123")
