"""The manager's desk: what needs me, and did last night's alert work."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from console.links import page_url
from console.visits import Visit, estate_page
from console.words import CATEGORY_TITLES
from core.shapes import plain
from emergency.events import Category
from emergency.models import Alert
from emergency.selectors.alerts import alerts_for, drawable, get_alert
from emergency.selectors.record import delivery_view, timeline_of, timeline_view
from emergency.selectors.views import view_of
from emergency.states import OPEN, State
from estates.permissions import Permission
from notifications.selectors import deliveries_of

PAGE_SIZE = 50
#: Cancelled in the countdown: nobody was told, nobody needs to look.
SHOWN = [*OPEN, State.RESOLVED, State.CLOSED]


@estate_page(Permission.READ_ALERTS)
def alerts(visit: Visit) -> HttpResponse:
    """The list; `?show=open|ended|all`, `?category=`, `?page=`."""
    told = alerts_for(visit.actor, visit.estate).exclude(state=State.COUNTDOWN).filter(state__in=SHOWN)
    given = visit.request.GET
    show = given.get("show", "all")
    category = given.get("category", "")
    chosen = _chosen(told, show, category).order_by("-raised_at", "-pk")
    page = Paginator(drawable(chosen), PAGE_SIZE).get_page(given.get("page"))
    return visit.draw(
        "console/desk_alerts.html",
        rows=[view_of(alert) for alert in page],
        page_of=page,
        show=show,
        category=category,
        tabs=[("all", "All"), ("open", "Open"), ("ended", "Ended")],
        open_count=told.filter(state__in=OPEN).count(),
        categories=[(key.value, title) for key, title in CATEGORY_TITLES.items()],
        data={"refresh": "emergency"},
    )


def _chosen(alerts: QuerySet[Alert], show: str, category: str) -> QuerySet[Alert]:
    if show == "open":
        alerts = alerts.filter(state__in=OPEN)
    elif show == "ended":
        alerts = alerts.exclude(state__in=OPEN)
    if category in set(Category):
        alerts = alerts.filter(category=category)
    return alerts


@estate_page(Permission.READ_ALERTS)
def alert(visit: Visit, alert_id: UUID) -> HttpResponse:
    """One alert with its record: the timeline, and what became of each message."""
    found = get_alert(visit.actor, visit.estate, alert_id)
    view = view_of(found)
    is_responder = any(person.member_id == visit.actor.id for person in view.responders)
    return visit.draw(
        "console/desk_alert.html",
        alert=view,
        person=view.on_behalf_of or view.raised_by,
        timeline=[timeline_view(entry) for entry in timeline_of(found)],
        deliveries=[delivery_view(row) for row in deliveries_of(visit.estate.pk, found.pk)],
        may=_may(visit, view.state, is_responder),
        list_url=page_url("desk-alerts", visit.estate.pk),
        report_url=reverse("alert-report", args=[visit.estate.pk, found.pk]),
        data={"refresh": "emergency", "alert": plain(view)},
    )


def _may(visit: Visit, state: State, is_responder: bool) -> dict[str, bool]:
    """Which buttons the page offers; the services decide."""
    acts = visit.actor.may(Permission.ACKNOWLEDGE_ALERT)
    return {
        "acknowledge": acts and state in OPEN and not is_responder,
        "resolve": acts and state in OPEN and state != State.ACTIVE,
        "close": visit.actor.may(Permission.CLOSE_ALERT) and state == State.RESOLVED,
    }
