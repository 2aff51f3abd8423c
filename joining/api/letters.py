"""What the holder of an invitation's link does. The token travels in the body: no log keeps it."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.shapes import plain, read
from joining.services.letters import accept_letter, decline_letter, open_letter
from joining.shapes import AcceptLetter, Joined, Letter, OpenLetter


class OpenLetterEndpoint(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="letter_open", request=OpenLetter, responses=Letter, tags=["joining"])
    def post(self, request: Request) -> Response:
        """What the invitation says. Looking changes nothing."""
        return Response(plain(open_letter(read(request.data, OpenLetter).token)))


class AcceptLetterEndpoint(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="letter_accept", request=AcceptLetter, responses=Joined, tags=["joining"])
    def post(self, request: Request) -> Response:
        """Become a member, once: as who is signed in, else with a name and a password of one's own."""
        data = read(request.data, AcceptLetter)
        user = request.user if isinstance(request.user, User) else None
        done = accept_letter(token=data.token, user=user, name=data.name, password=data.password)
        return Response(plain(Joined(estate_id=done.estate_id, login=done.login)))


class DeclineLetterEndpoint(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="letter_decline", request=OpenLetter, responses={204: None}, tags=["joining"])
    def post(self, request: Request) -> Response:
        """Stay out. Who he is nobody asks."""
        decline_letter(read(request.data, OpenLetter).token)
        return Response(status=204)
