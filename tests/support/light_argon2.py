"""Argon2 but for its costs: a sign-in takes a third of a second of CPU in production, and tests sign in often."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2PasswordHasher(Argon2PasswordHasher):
    """Its hashes are verified by the real one too: the costs stand in the hash."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
