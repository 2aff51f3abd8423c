"""What makes the pages an app: manifest, service worker, and the page for no network."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from console.shell import WORKER, shell_urls, shell_version


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    sizes = [("192x192", "icon-192.png", "any"), ("512x512", "icon-512.png", "any")]
    sizes += [("512x512", "icon-maskable-512.png", "maskable")]
    icons = [
        {"src": static(f"console/icons/{name}"), "sizes": size, "type": "image/png", "purpose": purpose}
        for size, name, purpose in sizes
    ]
    icons.append({"src": static("console/icons/icon.svg"), "sizes": "any", "type": "image/svg+xml"})
    content = {
        "name": "ClustR",
        "short_name": "ClustR",
        "description": "SOS and the guard board of your estate.",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#eef1ee",
        "theme_color": "#eef1ee",
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the root, because a worker rules only what lies below its own address."""
    head = f"const VERSION = {json.dumps(shell_version())};\nconst SHELL = {json.dumps(shell_urls())};\n"
    return HttpResponse(
        head + WORKER.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8"
    )


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Anybody may read it: it is what the worker shows when there is nothing else."""
    return render(request, "console/offline.html")
