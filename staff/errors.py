"""What can go wrong with a guard post."""

from core.errors import Conflict, Denied, Invalid, NotFound


class PostNotFound(NotFound):
    """It does not exist, was archived, or belongs to another estate: the asker is not told which."""

    code = "post_not_found"
    title = "Guard post not found"


class PostNameMissing(Invalid):
    code = "post_name_missing"
    title = "Give the guard post a name"


class DeviceNotValid(Invalid):
    """Blank, or with characters around or in it that nobody sees."""

    code = "device_not_valid"
    title = "This is not the name of a device"


class PostExists(Conflict):
    code = "post_exists"
    title = "There is a guard post of this name already"


class TooManyPosts(Conflict):
    code = "too_many_posts"
    title = "The estate has as many guard posts as possible; archive one first"


class DeviceTaken(Conflict):
    code = "device_taken"
    title = "This device is another guard post's"


class NotOnDuty(Denied):
    code = "not_on_duty"
    title = "Go on duty first"
