"""Coming in: sign-in, the start page, sign-out, and the pages that say no."""

from django.test import Client

from core.actors import SYSTEM
from estates.permissions import RoleKey
from estates.services.people import add_member
from tests.console.conftest import Visitor
from tests.support.cast import PASSWORD, Cast


def sign_in(login: str, password: str = PASSWORD, **more: str):
    return Client().post("/sign-in/", {"login": login, "password": password, **more})


def test_signing_in_by_email_or_by_phone(cast: Cast) -> None:
    assert cast.ada.user.email
    for login in (cast.ada.user.email, cast.ada.phone):
        answer = sign_in(login)
        assert (answer.status_code, answer["Location"]) == (302, "/")


def test_signing_in_goes_where_one_wanted_to_go_and_nowhere_else(cast: Cast) -> None:
    board = f"/estates/{cast.estate.pk}/board/"
    page = Client().get(f"/sign-in/?next={board}").content.decode()
    assert f'name="next" value="{board}"' in page
    assert sign_in(cast.gate.phone, next=board)["Location"] == board
    assert sign_in(cast.gate.phone, next="https://elsewhere.example/")["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_what_was_typed(cast: Cast) -> None:
    answer = sign_in(cast.ada.phone, "wrong-horse")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'role="alert"' in page
    assert cast.ada.phone in page
    assert "wrong-horse" not in page


def test_nonsense_is_a_clear_error(cast: Cast) -> None:
    for login in ("", "nonsense", "+99", "<b>@example.test"):
        answer = sign_in(login)
        assert answer.status_code == 200
        assert "notice-error" in answer.content.decode()


def test_a_disabled_account_is_told_so(cast: Cast) -> None:
    cast.ada.user.is_active = False
    cast.ada.user.save()
    answer = sign_in(cast.ada.phone)
    assert (answer.status_code, answer["Location"]) == (302, "/switched-off/")
    page = Client().get("/switched-off/")
    assert (page.status_code, "switched off" in page.content.decode()) == (403, True)


def test_everybody_starts_on_his_own_page(cast: Cast, as_: Visitor) -> None:
    pages = {
        "ada": "home/",
        "kid": "home/",
        "accountant": "home/",
        "gate": "board/",
        "chief": "desk/alerts/",
        "musa": "desk/alerts/",
    }
    for name, page in pages.items():
        answer = as_(getattr(cast, name)).get("/")
        assert (answer.status_code, answer["Location"]) == (302, f"/estates/{cast.estate.pk}/{page}")


def test_who_belongs_to_two_estates_chooses(cast: Cast, as_: Visitor) -> None:
    add_member(actor=SYSTEM, estate=cast.other_estate, user=cast.gate.user, roles=[RoleKey.OWNER])
    page = as_(cast.gate).get("/").content.decode()
    assert f"/estates/{cast.estate.pk}/board/" in page
    assert f"/estates/{cast.other_estate.pk}/home/" in page


def test_who_belongs_to_none_is_told_what_to_do(cast: Cast, as_: Visitor) -> None:
    cast.ada.membership.status = "ended"
    cast.ada.membership.save()
    assert "You do not belong to an estate yet" in as_(cast.ada).get("/").content.decode()


def test_signing_out_asks_first_and_then_means_it(cast: Cast, as_: Visitor) -> None:
    client = as_(cast.ada)
    assert "Sign out?" in client.get("/sign-out/").content.decode()
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/")["Location"] == "/sign-in/?next=/"


def test_an_address_that_does_not_exist_is_a_page_for_people_and_a_problem_for_programs(cast: Cast) -> None:
    page = Client().get("/nowhere/")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in page.content.decode()
    assert Client().get("/api/v1/nowhere/")["Content-Type"] == "application/problem+json"


def test_a_wrong_role_is_told_so_in_words(cast: Cast, as_: Visitor) -> None:
    answer = as_(cast.ada).get(f"/estates/{cast.estate.pk}/board/")
    assert "not for your role" in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_words(cast: Cast) -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "too old" in answer.content.decode()


def test_too_many_tries_are_refused_in_words(cast: Cast) -> None:
    answers = [sign_in(cast.ada.phone, "wrong-horse") for _ in range(12)]
    assert any("Too many" in answer.content.decode() for answer in answers)
