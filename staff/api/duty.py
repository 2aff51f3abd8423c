"""The door to duty: who is on, and me."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import Shape, View, plain, read
from estates.http import EstateView
from estates.permissions import Permission
from estates.selectors import on_duty
from staff.events import DutyEntry
from staff.services import end_duty, start_duty


class SetDuty(Shape):
    on: bool


class DutyView(View):
    """`me`: the caller's own entry, null when he is off duty."""

    on_duty: list[DutyEntry]
    me: DutyEntry | None


class DutyEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_DUTY, "POST": Permission.TAKE_DUTY}

    @extend_schema(operation_id="duty", responses=DutyView, tags=["staff"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """Who is on duty, longest first."""
        return Response(plain(self._view()))

    @extend_schema(operation_id="set_duty", request=SetDuty, responses=DutyView, tags=["staff"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """Go on duty, or off it."""
        wanted = read(request.data, SetDuty)
        act = start_duty if wanted.on else end_duty
        act(actor=self.actor, estate=self.estate)
        return Response(plain(self._view()))

    def _view(self) -> DutyView:
        entries = [
            DutyEntry(member_id=row.pk, name=row.user.name, since=row.on_duty_since)
            for row in on_duty(self.estate)
            if row.on_duty_since is not None
        ]
        return DutyView(
            on_duty=entries, me=next((row for row in entries if row.member_id == self.actor.id), None)
        )
