"""What the suites of this folder have found, each by its name."""

from core.models import AuditEntry
from tests.support.endpoints import document


def component(path: str, method: str, code: str):
    answers = document()["paths"][path][method]["responses"]
    return answers[code]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]


def test_two_types_of_one_name_are_two_in_the_document():
    """An import's states were told to be an alert's."""
    schemas = document()["components"]["schemas"]

    assert "checking" in schemas["backoffice.states.State"]["enum"]
    assert "on_scene" in schemas["emergency.states.State"]["enum"]
    state = schemas["ImportView"]["properties"]["state"]
    assert state == {"$ref": "#/components/schemas/backoffice.states.State"}


def test_taking_the_tablet_away_answers_the_post_in_the_document_too():
    path = "/api/v1/estates/{estate_id}/posts/{post_id}/device/"

    assert component(path, "delete", "200") == "PostView"


def test_a_number_that_no_row_can_have_is_nobodys(db):
    """A security key of number 65487 and one beyond 64 bits: SQLite raised where both should be unknown."""
    huge = -1926547481677124564291929949129932800

    assert not AuditEntry.objects.filter(seq__in=[huge, -huge]).exists()
    assert not AuditEntry.objects.filter(seq__in=[1, huge]).exists()


def test_deleting_a_security_key_of_an_impossible_number_breaks_nothing(cast, client):
    client.force_login(cast.ada.user)

    answer = client.delete(
        "/_allauth/browser/v1/account/authenticators/webauthn",
        {"authenticators": [10**40]},
        content_type="application/json",
    )

    assert answer.status_code in (400, 401)
