"""What can go wrong between a person and an estate."""

from core.errors import Denied, NotFound


class EstateNotFound(NotFound):
    """The estate does not exist, or the asker is nobody there: he is not told which."""

    code = "estate_not_found"
    title = "Estate not found"


class PermissionMissing(Denied):
    code = "permission_missing"
    title = "Your roles in this estate do not allow this"


class MemberNotFound(NotFound):
    code = "member_not_found"
    title = "Member not found"
