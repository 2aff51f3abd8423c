"""An estate with as many members as a bench has sockets: seeds it, signs their tokens and publishes to them.

`python -m bench.town` is the process that publishes; it takes a JSON object a line on stdin and answers each with one.
It signs tokens as the REST door does, without a sign-in behind them: the bench measures sockets, not log-ins.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.marks import marked
from bench.processes import LOAD_CORE, Program
from bench.servers import Backend
from clustr.cli.refusal import Refusal

#: Who can sign in over REST.
OWNER, MANAGER = "owner@example.test", "manager@example.test"
PASSWORD = "Correct-horse-9-battery"
#: What clients read of an event of ours beside its data is about as much again.
DATA_BYTES = 300
#: Sockets that are surely connected before their connection tokens expire.
MOST_IN_A_MINUTE = 2000


class Town:
    """The bench's end of the process."""

    def __init__(self, backend: Backend) -> None:
        command = [sys.executable, "-P", "-m", "bench.town"]
        self._program = Program(command, core=LOAD_CORE, environment=backend.environment("town"))

    def __enter__(self) -> "Town":
        return self

    def __exit__(self, *exc: object) -> None:
        self._program.__exit__()

    def seed(self, members: int, *, role: str = "tenant", on_duty: int = 0) -> str:
        """Migrate, and make an estate with `OWNER`, `MANAGER` and so many members. Returns its id.

        `on_duty`: how many of the members are.
        """
        estate_id: str = self._ask(do="seed", members=members, role=role, on_duty=on_duty)["estate_id"]
        return estate_id

    def mint(self, path: Path) -> None:
        """A file with the `connect` frame of each member.

        A connection token is good for a minute. So many that all of them may not be in by then get the other kind.
        """
        self._ask(do="mint", path=str(path))

    def publish(self, first: int, count: int, *, size: int = DATA_BYTES) -> None:
        """Publish marked events, each with `size` characters, to everybody, in one unit of work; does not wait."""
        self._program.say(json.dumps({"do": "publish", "first": first, "count": count, "size": size}))

    def wait(self) -> None:
        """Until what was published is committed."""
        self._answer()

    def _ask(self, **question: Any) -> dict[str, Any]:
        self._program.say(json.dumps(question))
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._program.expect('{"ok"', timeout_s=300))
        if error := answer.get("error"):
            raise Refusal(f"The town could not do it: {error}")
        return answer


def _seed(members: int, role: str, on_duty: int) -> dict[str, Any]:
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    from accounts.models import User
    from core.actors import SYSTEM
    from core.clock import now
    from estates.models import Membership, RoleGrant
    from estates.permissions import RoleKey
    from estates.services.people import add_member, add_unit, create_estate, ensure_built_in_roles

    call_command("migrate", verbosity=0, interactive=False)
    estate = create_estate(
        actor=SYSTEM, name="Bench Court", slug="bench-court", time_zone="Africa/Lagos", country="NG"
    )
    add_unit(actor=SYSTEM, estate=estate, block="A", name="A-1")
    password = make_password(PASSWORD)
    for number, role_key in enumerate((RoleKey.OWNER, RoleKey.MANAGER)):
        email = f"{role_key.value}@example.test"
        # Ofcom keeps these numbers, among others, for drama.
        user = User(name=role_key.label, email=email, phone=f"+44770090000{number}", is_phone_verified=True)
        user.password = password
        user.save()
        add_member(actor=SYSTEM, estate=estate, user=user, roles=[role_key])
    users = User.objects.bulk_create(
        User(name=f"Member {number}", email=f"member.{number}@example.test", password="!")
        for number in range(members)
    )
    memberships = Membership.objects.bulk_create(
        Membership(estate=estate, user=user, on_duty_since=now() if number < on_duty else None)
        for number, user in enumerate(users)
    )
    given = ensure_built_in_roles()[RoleKey(role).value]
    RoleGrant.objects.bulk_create(
        RoleGrant(estate=estate, membership=membership, role=given) for membership in memberships
    )
    _state.update(estate_id=estate.pk, members=[membership.pk for membership in memberships])
    return {"estate_id": str(estate.pk)}


def _mint(path: str) -> dict[str, Any]:
    from dataclasses import replace

    from estates.selectors import member_by_id
    from realtime.tokens import issue_connection_token, issue_resume_token

    members = _state["members"]
    # They are all alike: who one of them is, is asked once.
    example = member_by_id(_state["estate_id"], members[0])
    with Path(path).open("w") as file:
        for number, member_id in enumerate(members):
            member = replace(example, id=member_id)
            token = (
                {"token": issue_connection_token(member).token}
                if len(members) <= MOST_IN_A_MINUTE
                else {"resume_token": issue_resume_token(member)}
            )
            frame = {"type": "connect", "ref": "1", **token, "device": f"bench-{number}"}
            file.write(f"t{json.dumps(frame)}\n")
    return {}


def _publish(first: int, count: int, size: int) -> dict[str, Any]:
    from bench.facts import Marked
    from core.actors import SYSTEM
    from core.unit_of_work import unit_of_work
    from realtime.publishing import publish
    from realtime.topics import everyone

    topic = everyone(_state["estate_id"])
    with unit_of_work():
        for number in range(first, first + count):
            publish(Marked(text=marked(number, size)), to=[topic], actor=SYSTEM)
    return {}


_state: dict[str, Any] = {}
_acts: dict[str, Callable[..., dict[str, Any]]] = {"seed": _seed, "mint": _mint, "publish": _publish}


def _main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    import django

    django.setup()
    for line in sys.stdin:
        question = json.loads(line)
        began = time.monotonic()
        try:
            answer = _acts[question.pop("do")](**question)
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps({"ok": "error" not in answer, "s": time.monotonic() - began, **answer}), flush=True)


if __name__ == "__main__":
    _main()
