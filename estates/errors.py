"""What can go wrong between a person and an estate."""

from core.errors import Denied, NotFound


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

    def __init__(self) -> None:
        super().__init__(
            "This estate wants a second step when managers and security heads sign in. Set it up in your account.",
            settings="/settings/",
        )


class MemberNotFound(NotFound):
    code = "member_not_found"
    title = "Member not found"
