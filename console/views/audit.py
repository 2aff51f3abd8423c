"""The desk's page of the audit log: who did what."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse

from console.visits import Visit, estate_page
from core.errors import Invalid
from core.models import AuditEntry
from estates.audit_log import audit_view, check_record, entries_for, narrowed
from estates.permissions import Permission

PAGE_SIZE = 50
#: What can be chosen, by the beginning of the action.
KINDS = (
    ("emergency.alert", "Alerts"),
    ("emergency.contact", "Emergency contacts"),
    ("staff.duty", "Shifts"),
    ("staff.post", "Guard posts"),
    ("estates", "People and units"),
    ("accounts", "Sign-ins"),
    ("core.audit", "Exports of this record"),
)
FIELDS = ("q", "action", "since", "until")


@estate_page(Permission.READ_OWN_AUDIT)
def audit(visit: Visit) -> HttpResponse:
    """Searched by `?q=`, `?action=`, `?since=`, `?until=`; with `?check=1` it says whether the record is whole."""
    given = {name: visit.request.GET.get(name, "").strip() for name in FIELDS}
    entries, trouble = entries_for(visit.actor, visit.estate), ""
    try:
        entries = narrowed(entries, {name: value for name, value in given.items() if value}, visit.estate)
    except Invalid as error:
        entries, trouble = AuditEntry.objects.none(), error.detail
    page = Paginator(entries, PAGE_SIZE).get_page(visit.request.GET.get("page"))
    may_check = visit.actor.may(Permission.READ_AUDIT)
    is_asked = may_check and visit.request.GET.get("check") == "1"
    query = urlencode({name: value for name, value in given.items() if value})
    return visit.draw(
        "console/desk_audit.html",
        rows=[audit_view(entry) for entry in page],
        page_of=page,
        given=given,
        kinds=KINDS,
        is_narrowed=bool(query),
        query=query,
        trouble=trouble,
        sees_all=may_check,
        check=check_record(actor=visit.actor, estate=visit.estate) if is_asked else None,
        file_url=f"{reverse('audit-file', kwargs={'estate_id': visit.estate.pk})}?{query}",
    )
