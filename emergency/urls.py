from django.urls import path

from emergency.api import actions, alerts, contacts, messages, policies, record, report

ALERT = "estates/<uuid:estate_id>/alerts/<uuid:alert_id>/"

urlpatterns = [
    path("estates/<uuid:estate_id>/alerts/", alerts.AlertsEndpoint.as_view(), name="alerts"),
    path(ALERT, alerts.AlertEndpoint.as_view(), name="alert"),
    path(f"{ALERT}deliveries/", record.DeliveriesEndpoint.as_view(), name="alert-deliveries"),
    path(f"{ALERT}timeline/", record.TimelineEndpoint.as_view(), name="alert-timeline"),
    path(f"{ALERT}report/", report.ReportEndpoint.as_view(), name="alert-report"),
    path(f"{ALERT}messages/", messages.MessagesEndpoint.as_view(), name="alert-messages"),
    path(f"{ALERT}acknowledge/", actions.AcknowledgeEndpoint.as_view(), name="alert-acknowledge"),
    path(f"{ALERT}respond/", actions.RespondEndpoint.as_view(), name="alert-respond"),
    path(f"{ALERT}on-scene/", actions.OnSceneEndpoint.as_view(), name="alert-on-scene"),
    path(f"{ALERT}resolve/", actions.ResolveEndpoint.as_view(), name="alert-resolve"),
    path(f"{ALERT}close/", actions.CloseEndpoint.as_view(), name="alert-close"),
    path(f"{ALERT}cancel/", actions.CancelEndpoint.as_view(), name="alert-cancel"),
    path(f"{ALERT}cancel-request/", actions.RequestCancelEndpoint.as_view(), name="alert-cancel-request"),
    path("estates/<uuid:estate_id>/policies/", policies.PoliciesEndpoint.as_view(), name="policies"),
    path(
        "estates/<uuid:estate_id>/policies/preset/", policies.PresetEndpoint.as_view(), name="policies-preset"
    ),
    path("estates/<uuid:estate_id>/contacts/", contacts.ContactsEndpoint.as_view(), name="contacts"),
    path(
        "estates/<uuid:estate_id>/contacts/<uuid:contact_id>/",
        contacts.ContactEndpoint.as_view(),
        name="contact",
    ),
]
