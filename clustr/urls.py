"""Every address of the product."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from clustr.health import healthz, metrics, readyz
from core.errors import Internal, NotFound
from core.http.problems import problem_response, wants_problem

api = [
    path("", include("estates.urls")),
    path("", include("realtime.urls")),
    path("", include("notifications.api_urls")),
    path("", include("notifications.push.urls")),
    path("", include("emergency.urls")),
    path("", include("community.urls")),
    path("", include("staff.urls")),
    path("", include("joining.urls")),
    path("", include("backoffice.urls")),
]

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("_allauth/", include("accounts.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="console/reference_rest.html"),
        name="api-docs",
    ),
    path("api/", RedirectView.as_view(url="/api/docs/")),
    path("webhooks/", include("notifications.urls")),
    path("", include("console.urls")),
]


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A problem for the API's callers, a page for people."""
    if wants_problem(request):
        return problem_response(NotFound())
    from django.views.defaults import page_not_found as page

    return page(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The same for what nobody expected."""
    if wants_problem(request):
        return problem_response(Internal())
    from django.views.defaults import server_error as page

    return page(request)


handler404 = page_not_found
handler500 = server_error
