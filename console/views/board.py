"""The guard board."""

from datetime import timedelta

from django.http import HttpResponse

from console.visits import Visit, estate_page
from core.clock import now
from core.shapes import plain
from emergency.selectors.alerts import alerts_for, drawable, open_alerts_for
from emergency.selectors.views import view_of
from emergency.states import State
from estates.permissions import Permission
from estates.selectors import on_duty
from staff.selectors import post_view, posts_of

#: What has ended stays on the board for so long.
RECENT = timedelta(hours=24)


@estate_page(Permission.ACKNOWLEDGE_ALERT)
def board(visit: Visit) -> HttpResponse:
    """Everything that the first paint needs; from then on the live feed keeps it."""
    recent = (
        alerts_for(visit.actor, visit.estate)
        .filter(state__in=[State.RESOLVED, State.CLOSED], resolved_at__gte=now() - RECENT)
        .order_by("-raised_at")[:20]
    )
    people = [
        {"member_id": row.pk, "name": row.user.name, "since": row.on_duty_since}
        for row in on_duty(visit.estate)
    ]
    return visit.draw(
        "console/board.html",
        data={
            "open_alerts": [
                plain(view_of(alert)) for alert in drawable(open_alerts_for(visit.actor, visit.estate))
            ],
            "recent_alerts": [plain(view_of(alert)) for alert in drawable(recent)],
            "on_duty": people,
            "posts": [plain(post_view(post)) for post in posts_of(visit.estate)],
            "is_on_duty": any(person["member_id"] == visit.actor.id for person in people),
        },
    )
