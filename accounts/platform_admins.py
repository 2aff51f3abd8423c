"""Who runs the platform. Nobody is made an admin over the network: whoever can start commands on the server does it."""

from accounts.models import User
from core import audit
from core.actors import SYSTEM
from core.unit_of_work import unit_of_work


def set_platform_admin(*, user: User, is_admin: bool) -> bool:
    """Make him one, or no longer; whether that changed anything. It stands on the platform's own record."""
    with unit_of_work():
        others = User.objects.filter(pk=user.pk).exclude(is_platform_admin=is_admin)
        if not others.update(is_platform_admin=is_admin):
            return False
        verb = "appointed" if is_admin else "dismissed"
        audit.record(SYSTEM, f"accounts.platform_admin.{verb}", user, {"name": user.name})
    user.is_platform_admin = is_admin
    return True
