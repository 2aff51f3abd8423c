"""Lets a platform admin into an estate: `python -m tests.faults.supporter ESTATE` prints the access and a token for the
socket. How he signs in is not what is under test.
"""

import os
import sys
from uuid import UUID


def main(estate_id: UUID) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clustr.settings"
    import django

    django.setup()
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from accounts.models import User
    from accounts.platform_admins import set_platform_admin
    from estates.services.support import start_support
    from estates.supporters import as_supporter, platform_admin_at
    from realtime.tokens import issue_connection_token

    user = User.objects.create_user(name="Pat Reed", email=f"pat-{estate_id}@example.test")
    set_platform_admin(user=user, is_admin=True)
    TOTP.activate(user, generate_totp_secret())
    estate, actor = platform_admin_at(user, estate_id)
    access = start_support(actor=actor, estate=estate, reason="Looking", hours=1)
    print(access.pk, issue_connection_token(as_supporter(access)).token)


if __name__ == "__main__":
    main(UUID(sys.argv[1]))
