"""Passwords that can be read out to somebody across a table."""

import secrets

_WORDS = (
    "amber basil cedar coral delta ember fable ginger harbor indigo jasper kettle lagoon maple nectar ocean pepper "
    "quartz river saffron tiger umbra velvet willow yonder zephyr acorn breeze cobalt dune falcon garnet hazel island "
    "juniper"
).split()


def new_password() -> str:
    """Two words and four digits: about 23 bits, for a demo that holds nobody's secrets."""
    return f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(10_000):04d}"
