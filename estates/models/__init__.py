"""An estate's places, people and roles."""

from estates.models.estate import Estate
from estates.models.keys import ApiKey
from estates.models.people import Membership, Occupancy
from estates.models.places import Block, Unit
from estates.models.roles import Role, RoleGrant
from estates.models.support import SupportAccess

__all__ = [
    "ApiKey",
    "Block",
    "Estate",
    "Membership",
    "Occupancy",
    "Role",
    "RoleGrant",
    "SupportAccess",
    "Unit",
]
