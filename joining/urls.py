from django.urls import path

from joining.api import codes, household, invitations, letters, mine, requests

ESTATE = "estates/<uuid:estate_id>/"
REQUEST = f"{ESTATE}join-requests/<uuid:request_id>/"
INVITATION = f"{ESTATE}invitations/<uuid:invitation_id>/"
MATE = f"{ESTATE}household/"

urlpatterns = [
    path("me/join-requests/", mine.MyRequestsEndpoint.as_view(), name="my-join-requests"),
    path(
        "me/join-requests/<uuid:request_id>/withdraw/",
        mine.WithdrawEndpoint.as_view(),
        name="join-request-withdraw",
    ),
    path("join-codes/check/", codes.CheckCodeEndpoint.as_view(), name="join-code-check"),
    path("invitations/open/", letters.OpenLetterEndpoint.as_view(), name="letter-open"),
    path("invitations/accept/", letters.AcceptLetterEndpoint.as_view(), name="letter-accept"),
    path("invitations/decline/", letters.DeclineLetterEndpoint.as_view(), name="letter-decline"),
    path(f"{ESTATE}join-code/", codes.JoinCodeEndpoint.as_view(), name="join-code"),
    path(f"{ESTATE}join-requests/", requests.RequestsEndpoint.as_view(), name="join-requests"),
    path(f"{REQUEST}approve/", requests.ApproveEndpoint.as_view(), name="join-request-approve"),
    path(f"{REQUEST}decline/", requests.DeclineEndpoint.as_view(), name="join-request-decline"),
    path(f"{ESTATE}invitations/", invitations.InvitationsEndpoint.as_view(), name="invitations"),
    path(INVITATION, invitations.InvitationEndpoint.as_view(), name="invitation"),
    path(f"{INVITATION}send/", invitations.SendAgainEndpoint.as_view(), name="invitation-send"),
    path(MATE, household.HouseholdEndpoint.as_view(), name="household"),
    path(f"{MATE}people/<uuid:occupancy_id>/", household.HousemateEndpoint.as_view(), name="housemate"),
    path(
        f"{MATE}invitations/<uuid:invitation_id>/",
        household.HouseholdInvitationEndpoint.as_view(),
        name="household-invitation",
    ),
    path(
        f"{MATE}invitations/<uuid:invitation_id>/send/",
        household.HouseholdSendAgainEndpoint.as_view(),
        name="household-invitation-send",
    ),
]
