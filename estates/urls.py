from django.urls import path

from estates.api.audit import AuditCheckEndpoint, AuditEndpoint, AuditFileEndpoint
from estates.api.blocks import BlockEndpoint, BlocksEndpoint
from estates.api.keys import KeyEndpoint, KeysEndpoint
from estates.api.me import AcceptEndpoint, DeclineEndpoint, EstatesEndpoint, MeEndpoint, OneEstateEndpoint
from estates.api.people import PeopleEndpoint, PersonEndpoint, PersonRoleEndpoint, PersonRolesEndpoint
from estates.api.platform import PlatformEstatesEndpoint, ReinstateEndpoint, SuspendEndpoint
from estates.api.profile import ProfileEndpoint
from estates.api.roles import RoleEndpoint, RolesEndpoint
from estates.api.security import SecurityEndpoint
from estates.api.support import OneSupportEndpoint, SupportEndpoint
from estates.api.units import (
    HandOverEndpoint,
    MoveOutEndpoint,
    OccupanciesEndpoint,
    UnitEndpoint,
    UnitsEndpoint,
)

ESTATE = "estates/<uuid:estate_id>/"
PERSON = f"{ESTATE}people/<uuid:member_id>/"
UNIT = f"{ESTATE}units/<uuid:unit_id>/"

urlpatterns = [
    path("me/", MeEndpoint.as_view(), name="me"),
    path("me/profile/", ProfileEndpoint.as_view(), name="profile"),
    path("me/invitations/<uuid:member_id>/accept/", AcceptEndpoint.as_view(), name="invitation-accept"),
    path("me/invitations/<uuid:member_id>/decline/", DeclineEndpoint.as_view(), name="invitation-decline"),
    path("estates/", EstatesEndpoint.as_view(), name="estates"),
    path(ESTATE, OneEstateEndpoint.as_view(), name="estate"),
    path(f"{ESTATE}security/", SecurityEndpoint.as_view(), name="security"),
    path("platform/estates/", PlatformEstatesEndpoint.as_view(), name="platform-estates"),
    path(f"platform/{ESTATE}suspend/", SuspendEndpoint.as_view(), name="estate-suspend"),
    path(f"platform/{ESTATE}reinstate/", ReinstateEndpoint.as_view(), name="estate-reinstate"),
    path(f"{ESTATE}support/", SupportEndpoint.as_view(), name="support"),
    path(f"{ESTATE}support/<uuid:access_id>/", OneSupportEndpoint.as_view(), name="support-one"),
    path(f"{ESTATE}keys/", KeysEndpoint.as_view(), name="keys"),
    path(f"{ESTATE}keys/<uuid:key_id>/", KeyEndpoint.as_view(), name="key"),
    path(f"{ESTATE}people/", PeopleEndpoint.as_view(), name="people"),
    path(PERSON, PersonEndpoint.as_view(), name="person"),
    path(f"{PERSON}roles/", PersonRolesEndpoint.as_view(), name="person-roles"),
    path(f"{PERSON}roles/<slug:key>/", PersonRoleEndpoint.as_view(), name="person-role"),
    path(f"{ESTATE}roles/", RolesEndpoint.as_view(), name="roles"),
    path(f"{ESTATE}roles/<slug:key>/", RoleEndpoint.as_view(), name="role"),
    path(f"{ESTATE}blocks/", BlocksEndpoint.as_view(), name="blocks"),
    path(f"{ESTATE}blocks/<uuid:block_id>/", BlockEndpoint.as_view(), name="block"),
    path(f"{ESTATE}units/", UnitsEndpoint.as_view(), name="units"),
    path(UNIT, UnitEndpoint.as_view(), name="unit"),
    path(f"{UNIT}occupancies/", OccupanciesEndpoint.as_view(), name="unit-occupancies"),
    path(f"{UNIT}handover/", HandOverEndpoint.as_view(), name="unit-handover"),
    path(f"{ESTATE}occupancies/<uuid:occupancy_id>/end/", MoveOutEndpoint.as_view(), name="occupancy-end"),
    path(f"{ESTATE}audit/", AuditEndpoint.as_view(), name="audit"),
    path(f"{ESTATE}audit/file/", AuditFileEndpoint.as_view(), name="audit-file"),
    path(f"{ESTATE}audit/check/", AuditCheckEndpoint.as_view(), name="audit-check"),
]
