"""What can go wrong when somebody wants to belong."""

from core.errors import Conflict, Denied, Invalid, NotFound, RateLimited


class JoinCodeUnknown(NotFound):
    """There is none like it, or it is switched off, or its estate is: the asker is not told which."""

    code = "join_code_unknown"
    title = "This code does not work. Ask the estate's office for the one that does"


class TooManyCodes(RateLimited):
    code = "too_many_codes"
    title = "Too many codes were tried. Wait some minutes, then try again"


class JoinRequestNotFound(NotFound):
    code = "join_request_not_found"
    title = "There is no such request to join"


class JoinRequestOpen(Conflict):
    code = "join_request_open"
    title = "You have asked this estate already. Withdraw that request first, or wait for its answer"


class JoinRequestDecided(Conflict):
    code = "join_request_decided"
    title = "This request was decided or withdrawn already"


class AlreadyMember(Conflict):
    code = "already_member"
    title = "You belong to this estate already"


class TooManyRequestsToJoin(RateLimited):
    code = "too_many_join_requests"
    title = "You have asked this estate several times today. Try again tomorrow"


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    title = "There is no such invitation"


class InvitationOver(Conflict):
    """Used, withdrawn, expired, sent anew, or nobody stands behind it any more: the holder is not told which."""

    code = "invitation_over"
    title = "This invitation does not hold any more. Ask whoever sent it for a new one"


class InvitationDecided(Conflict):
    code = "invitation_decided"
    title = "This invitation was answered or withdrawn already"


class InvitationEmpty(Invalid):
    code = "invitation_empty"
    title = "Say where he is going to live, or which role he gets"


class AddressMissing(Invalid):
    code = "address_missing"
    title = "Give either a phone number or an email address: there the invitation goes"


class EmailNotValid(Invalid):
    code = "email_not_valid"
    title = "This is not an email address"


class TooManyInvitations(RateLimited):
    code = "too_many_invitations"
    title = "Too many invitations today. Try again tomorrow"


class AccountExists(Conflict):
    """Told to who holds the link, and so has proved that the address is his."""

    code = "account_exists"
    title = "There is an account with this address. Sign in, then accept"


class PasswordNotValid(Invalid):
    code = "password_not_valid"
    title = "Choose another password"


class KindNotYours(Denied):
    """An owner adds tenants, family and children, a tenant family and children."""

    code = "kind_not_yours"
    title = "You cannot add somebody as this"


class HouseholdFull(Conflict):
    code = "household_full"
    title = "A household has at most 30 people and open invitations"
