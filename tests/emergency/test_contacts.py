from emergency.models import Contact


def add(person, name="Mother Obi", phone="+447700900500"):
    return person.api.post(person.url("contacts/"), {"name": name, "phone": phone}, format="json")


def test_a_contact_is_kept_read_and_removed(cast):
    created = add(cast.ada)
    assert created.status_code == 201
    contact = created.json()
    assert contact == {"id": contact["id"], "name": "Mother Obi", "phone": "+447700900500"}
    assert cast.ada.api.get(cast.ada.url("contacts/")).json()["results"] == [contact]
    assert cast.ada.api.delete(cast.ada.url(f"contacts/{contact['id']}/")).status_code == 204
    assert cast.ada.api.get(cast.ada.url("contacts/")).json()["results"] == []


def test_a_number_is_read_as_it_is_dialled_in_the_estates_country(cast):
    assert add(cast.ada, phone="0803 123 4567").json()["phone"] == "+2348031234567"


BAD = [
    ({"name": "", "phone": "+447700900500"}, "name"),
    ({"name": "  ", "phone": "+447700900500"}, "name"),
    ({"name": "x" * 101, "phone": "+447700900500"}, "name"),
    ({"name": "M", "phone": "call me"}, "phone"),
    ({"name": "M", "phone": "+44"}, "phone"),
    ({"name": "M", "phone": 447700900500}, "phone"),
    ({"name": "M"}, "phone"),
    ({"name": "M", "phone": "+447700900500", "kind": "x"}, "kind"),
]


def test_bad_input_names_its_field(cast):
    for body, field in BAD:
        answer = cast.ada.api.post(cast.ada.url("contacts/"), body, format="json")
        assert answer.status_code == 400, body
        assert answer.json()["errors"][0]["field"] == field


def test_a_number_stands_once(cast):
    add(cast.ada)
    assert add(cast.ada, name="Mum").json()["code"] == "contact_exists"
    assert add(cast.bola).status_code == 201


def test_ten_are_enough(cast):
    for number in range(10):
        assert add(cast.ada, phone=f"+4477009006{number:02d}").status_code == 201
    assert add(cast.ada).json()["code"] == "too_many_contacts"


def test_they_are_nobody_elses(cast):
    contact_id = add(cast.ada).json()["id"]
    for person in (cast.bola, cast.musa, cast.gate):
        assert person.api.get(person.url("contacts/")).json()["results"] == []
        answer = person.api.delete(person.url(f"contacts/{contact_id}/"))
        assert (answer.status_code, answer.json()["code"]) == (404, "contact_not_found")
    assert Contact.objects.of(cast.estate).count() == 1
