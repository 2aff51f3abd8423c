"""What can go wrong between a person and an estate."""

from core.errors import Conflict, Denied, Invalid, NotFound, RateLimited, Unauthenticated


class EstateNotFound(NotFound):
    """The estate does not exist, or the asker is nobody there: he is not told which."""

    code = "estate_not_found"
    title = "Estate not found"


class PermissionMissing(Denied):
    code = "permission_missing"
    title = "Your roles in this estate do not allow this"


class SecondFactorMissing(Denied):
    """`settings`: the address where it is set up."""

    code = "second_factor_missing"
    title = "Set up a second step for your sign-in first"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            detail
            or "This estate wants a second step when managers and security heads sign in. Set it up in your account.",
            settings="/settings/",
        )


class AddressNotProved(Denied):
    """`settings`: the address where it is proved."""

    code = "address_not_proved"
    title = "Prove your email or your phone first"

    def __init__(self) -> None:
        super().__init__(
            "Prove that your email or your phone is yours, in your account.", settings="/settings/"
        )


class TimeZoneUnknown(Invalid):
    code = "time_zone_unknown"
    title = "This is no IANA time zone, such as Africa/Lagos"


class CountryUnknown(Invalid):
    code = "country_unknown"
    title = "This is no ISO 3166-1 country code, such as NG"


class SlugTaken(Conflict):
    code = "slug_taken"
    title = "Another estate is called so; choose another short name"


class EstateIdTaken(Conflict):
    code = "estate_id_taken"
    title = "Another estate has this id; make another one and send it again"


class TooManyEstates(RateLimited):
    code = "too_many_estates"
    title = "You have started 5 estates within a day; wait until tomorrow"


class MemberNotFound(NotFound):
    code = "member_not_found"
    title = "Member not found"


class UnitNotFound(NotFound):
    code = "unit_not_found"
    title = "Unit not found"


class BlockNotFound(NotFound):
    code = "block_not_found"
    title = "Block not found"


class OccupancyNotFound(NotFound):
    code = "occupancy_not_found"
    title = "Occupancy not found"


class RoleNotFound(NotFound):
    code = "role_not_found"
    title = "Role not found"


class NameMissing(Invalid):
    code = "name_missing"
    title = "Give it a name"


class UnitExists(Conflict):
    code = "unit_exists"
    title = "Another unit has this name"


class UnitInUse(Conflict):
    code = "unit_in_use"
    title = "Somebody lived in this unit, or something hangs on it: it stays, with its history"


class BlockExists(Conflict):
    code = "block_exists"
    title = "Another block has this name"


class BlockInUse(Conflict):
    code = "block_in_use"
    title = "There are homes in this block: move them to another one first"


class LivesThere(Conflict):
    code = "lives_there"
    title = "This person already lives in this unit"


class EndsTooEarly(Conflict):
    code = "ends_too_early"
    title = "It cannot end before it began"


class RoleExists(Conflict):
    code = "role_exists"
    title = "Another role of the estate has this name"


class RoleBuiltIn(Conflict):
    code = "role_built_in"
    title = "A built-in role cannot be changed or deleted"


class AboveOwn(Denied):
    """Else who may give roles could give himself any."""

    code = "above_own"
    title = "Nobody gives or takes what he may not do himself"


class LastManager(Conflict):
    code = "last_manager"
    title = "An estate needs a manager: appoint another one first"


class KeyNotFound(NotFound):
    code = "key_not_found"
    title = "API key not found"


class KeyNotValid(Unauthenticated):
    code = "key_not_valid"
    title = "The API key is not valid"


class NotForKeys(Invalid):
    code = "not_for_keys"
    title = "An API key cannot be given this"


class ExpiryTooFar(Invalid):
    code = "expiry_too_far"
    title = "It must end within a year"


class TooManyKeys(Conflict):
    code = "too_many_keys"
    title = "An estate has at most 50 API keys in use: revoke one first"


class SupportNotFound(NotFound):
    code = "support_not_found"
    title = "Support access not found"


class ReasonMissing(Invalid):
    code = "reason_missing"
    title = "Say why"


class BelongsThere(Conflict):
    code = "belongs_there"
    title = "You are a member of this estate: what you do there you do as one"


class SupportOpen(Conflict):
    code = "support_open"
    title = "You have support access to this estate already"


class EstateSuspended(Conflict):
    code = "estate_suspended"
    title = "The estate is suspended: reinstate it first"
