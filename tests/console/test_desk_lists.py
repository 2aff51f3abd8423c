"""The desk's page of lists: each sees what he may take out; a manager hands files in."""

from estates.models import Unit
from tests.support.tables import UNITS, csv_of, hand_in


def test_a_manager_sees_what_became_of_the_last_file(cast, client):
    client.force_login(cast.musa.user)
    path = f"/estates/{cast.estate.pk}/desk/lists/"
    page = client.get(path).content.decode()
    assert "Nothing was brought in so far" in page
    assert "exports/people/?template=true&amp;format=xlsx" in page
    assert "exports/alerts/?format=csv" in page

    hand_in(
        cast.musa, "units", csv_of(UNITS, ("C", "<b>", "", ""), ("C", "C-02", "91", "")), file_name="<i>.csv"
    )
    page = client.get(path).content.decode()
    assert "&lt;i&gt;.csv" in page
    assert "Give degrees between -90 and 90" in page
    assert "Bring in the good rows alone" in page

    job = hand_in(cast.musa, "units", csv_of(UNITS, ("C", "C-01", "", ""))).json()
    page = client.get(path).content.decode()
    assert "Tried out: 1 rows, nothing written yet" in page
    assert f'data-apply="{job["id"]}"' in page
    assert not Unit.objects.of(cast.estate).filter(name="C-01").exists()


def test_the_others_see_what_they_may_take_out_and_no_import(cast, client):
    hand_in(cast.musa, "units", csv_of(UNITS, ("C", "C-01", "", "")), file_name="secret.csv")
    client.force_login(cast.ada.user)
    page = client.get(f"/estates/{cast.estate.pk}/desk/lists/").content.decode()
    assert "exports/alerts/?format=csv" in page
    assert "exports/people/" not in page
    assert "Bring a list in" not in page
    assert "secret.csv" not in page


def test_the_cookie_of_the_page_opens_the_files_it_links_to(cast, client):
    client.force_login(cast.musa.user)
    answer = client.get(f"/api/v1/estates/{cast.estate.pk}/exports/units/?format=csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
