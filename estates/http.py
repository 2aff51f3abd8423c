"""The base of every endpoint under `/api/v1/estates/{estate_id}/`."""

from typing import Any, ClassVar, cast
from uuid import UUID

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import session_key_of
from accounts.models import User
from core.audit import record
from core.errors import Denied
from core.tables.writing import FileKind
from core.unit_of_work import unit_of_work
from estates.keys import KeyHolder
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require
from estates.selectors import member_of
from estates.services.support import note_look


class EstateView(APIView):
    """Finds the estate and the caller's membership before anything else: a stranger gets 404, whatever he asked.

    `permissions` names for each method what the caller must be allowed. The service checks again. `never_held_back`:
    methods that no rate limit holds back, because somebody may be in danger (`core.http.rate_limits`).
    """

    permission_classes = (IsAuthenticated,)
    permissions: ClassVar[dict[str, Permission]]
    never_held_back: ClassVar[frozenset[str]] = frozenset()

    #: For an API key nothing else exists (`estates.authentication`).
    takes_keys: ClassVar = True

    estate: Estate
    actor: Member

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        estate_id = cast(UUID, kwargs["estate_id"])
        self.estate, self.actor = self.enter(request, estate_id)
        if request.method in self.permissions:
            require(self.actor, self.permissions[request.method], self.estate)
            if self.actor.kind == "support" and request.method == "GET":
                note_look(actor=self.actor, estate=self.estate, address=request.get_full_path())
        elif request.method not in ("OPTIONS", "HEAD") and hasattr(self, str(request.method).lower()):
            # A method that nobody thought about is closed, not open. An architecture test finds it earlier.
            raise Denied

    def may_take_out(self) -> None:
        """Asked before a list goes out as a file. Raises `PermissionMissing`."""
        require(self.actor, Permission.EXPORT_LISTS, self.estate)

    def note_taken_out(self, name: str, rows: int, kind: FileKind) -> None:
        """That a list went out stands on the record."""
        changes = {"list": name, "rows": rows, "file": kind.value}
        with unit_of_work():
            record(self.actor, "backoffice.list.exported", self.estate, changes, estate_id=self.estate.pk)

    def enter(self, request: Request, estate_id: UUID) -> tuple[Estate, Member]:
        """The estate, and who the caller is there. Raises `EstateNotFound`."""
        user = cast(User | KeyHolder, request.user)
        if isinstance(user, KeyHolder):
            return user.enter(estate_id)
        return member_of(user, estate_id, session_key=session_key_of(request))
