"""The caller's own profile, the same in every estate."""

from typing import Annotated, cast

from django.conf import settings
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.shapes import Shape, View, plain, read
from estates.services.profile import change_profile


class ChangeProfile(Shape):
    """What is absent or null stays as it is."""

    name: Annotated[str, Meta(max_length=1000)] | None = None
    language: Annotated[str, Meta(max_length=10)] | None = None


class LanguageView(View):
    """`title`: in its own words."""

    code: str
    title: str


class ProfileView(View):
    """`language`: of dates and of the sign-in's own messages. `languages`: those that can be chosen."""

    name: str
    language: str
    languages: list[LanguageView]


class ProfileEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="profile", responses=ProfileView, tags=["me"])
    def get(self, request: Request) -> Response:
        """The caller's name and language."""
        return Response(plain(profile_of(cast(User, request.user))))

    @extend_schema(operation_id="profile_change", request=ChangeProfile, responses=ProfileView, tags=["me"])
    def patch(self, request: Request) -> Response:
        """Change them. On the record of each of his estates."""
        data = read(request.data, ChangeProfile)
        user = change_profile(user=cast(User, request.user), name=data.name, language=data.language)
        answer = Response(plain(profile_of(user)))
        if data.language is not None and not request.auth:
            # A browser's: Django's own words follow it.
            answer.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                max_age=settings.SESSION_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
                httponly=True,
            )
        return answer


def profile_of(user: User) -> ProfileView:
    return ProfileView(
        name=user.name,
        language=user.language,
        languages=[LanguageView(code=code, title=str(title)) for code, title in settings.LANGUAGES],
    )
