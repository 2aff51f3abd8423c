"""Who lives and works in the demo's estates.

Nobody can be reached by what stands here: the numbers are from the range that Ofcom keeps free for drama
(+44 7700 900000 to 900999), the addresses end in .example (RFC 2606), and the homes stand in a park.
"""

from dataclasses import dataclass

from estates.models import Occupancy
from estates.permissions import RoleKey

ESTATE = {"name": "Palm Court", "slug": "palm-court", "time_zone": "Europe/London", "country": "GB"}
OTHER_ESTATE = {"name": "Cedar Close", "slug": "cedar-close", "time_zone": "Europe/London", "country": "GB"}

Kind = Occupancy.Kind


@dataclass(frozen=True)
class Person:
    """`key`: how the demo's scenes call the person. `since`: days ago that he came."""

    key: str
    name: str
    role: RoleKey
    phone: str
    since: int
    unit: str = ""
    kind: Kind | None = None
    #: What demo.json calls the role, where that differs.
    label: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@palmcourt.example"


def drama_number(last_three: int) -> str:
    return f"+447700900{last_three:03d}"


CAST = (
    Person("ada", "Ada Okafor", RoleKey.OWNER, drama_number(101), 380, "B-14", Kind.OWNER),
    Person("bola", "Bola Adeyemi", RoleKey.TENANT, drama_number(102), 210, "B-15", Kind.TENANT),
    Person("gate", "Gate Nwosu", RoleKey.GUARD, drama_number(103), 360),
    Person("sule", "Sule Bello", RoleKey.GUARD, drama_number(104), 300),
    Person("ngozi", "Ngozi Eke", RoleKey.SECURITY_HEAD, drama_number(105), 370),
    Person("musa", "Musa Ibrahim", RoleKey.MANAGER, drama_number(106), 390),
    Person("funke", "Funke Alabi", RoleKey.ACCOUNTANT, drama_number(107), 250),
    Person("tobi", "Tobi Okafor", RoleKey.CHILD, drama_number(108), 380, "B-14", Kind.CHILD),
    Person("grace", "Grace Udo", RoleKey.DOMESTIC_STAFF, drama_number(109), 120),
    Person("chidi", "Chidi Okafor", RoleKey.HOUSEHOLD_MEMBER, drama_number(110), 380, "B-14", Kind.FAMILY),
    Person("dele", "Dele Price", RoleKey.SERVICEMAN, drama_number(111), 90),
)

#: Manager of the other estate: whatever he tries here does not exist.
STRANGER = Person("stranger", "Sam Stranger", RoleKey.MANAGER, drama_number(190), 200, label="stranger")

#: Told when the person is in need: name and number.
CONTACTS = {
    "ada": (("Ifeoma (sister)", drama_number(301)), ("Dr Amadi", drama_number(302))),
    "bola": (("Kemi (mother)", drama_number(303)),),
}

#: Guard posts, none with a tablet yet: one that does not exist would be missed after a minute, and somebody texted.
POSTS = ("Main gate", "Patrol base")

_FIRST = (
    "Amaka Bode Clara Daniel Efe Fatima Gabriel Hana Ike Jumoke Kunle Lara Maryam Nneka Ola Peter Ronke Samir Temi "
    "Uche Vera Wale Yemi Zainab Adam Bisi Chioma Dayo Emeka Farah"
).split()
_LAST = (
    "Balogun Mensah Clarke Okoro Hassan Osei Lawal Grant Musa Ojo Pereira Usman Cole Eze Salami Bright Owusu Dada Khan "
    "Nwachukwu Small Yusuf Ajayi Moore Sani Effiong Bakare Idris Okeke Lewis"
).split()

BLOCKS = {"Acacia Way": "A", "Baobab Lane": "B", "Cashew Road": "C", "Date Close": "D"}
UNITS_PER_BLOCK = 16


def neighbours() -> tuple[Person, ...]:
    """The other residents: always the same ones, in the same homes. They have no password and so cannot sign in."""
    homes = [
        f"{letter}-{number:02d}" for letter in BLOCKS.values() for number in range(1, UNITS_PER_BLOCK + 1, 2)
    ]
    free = [home for home in homes if home not in {person.unit for person in CAST}]
    people = []
    for index, (first, last, home) in enumerate(zip(_FIRST, _LAST, free, strict=False)):
        is_tenant = index % 3 == 2
        people.append(
            Person(
                key=f"{first}.{last}".lower(),
                name=f"{first} {last}",
                role=RoleKey.TENANT if is_tenant else RoleKey.OWNER,
                phone=drama_number(500 + index),
                since=40 + (index * 53) % 330,
                unit=home,
                kind=Kind.TENANT if is_tenant else Kind.OWNER,
            )
        )
    return tuple(people)


#: Lived here before Bola, and left: a home has many occupants over time.
FORMER = Person("rita", "Rita Stone", RoleKey.TENANT, drama_number(490), 385, "B-15", Kind.TENANT)
FORMER_LEFT_DAYS_AGO = 215
