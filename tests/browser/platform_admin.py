"""Makes a platform admin in the demo that is running, and signs him in: the second step is not what is under test.

`python -m tests.browser.platform_admin EMAIL` prints the key of his session.
"""

import os
import sys


def main(email: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clustr.settings"
    import django

    django.setup()
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from accounts.models import User

    user = User.objects.create_user(name="Pat Reed", email=email)
    call_command("platform_admin", email)
    TOTP.activate(user, generate_totp_secret())
    session = SessionStore()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(session.session_key)


if __name__ == "__main__":
    main(sys.argv[1])
