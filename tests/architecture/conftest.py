"""Node's packages, for what is checked with them."""

from tests.support.node import node_modules

__all__ = ["node_modules"]
