"""ClustR's client library: one live, provably complete feed of an estate, and commands that arrive."""

from clustr_client.connection import State, Timing
from clustr_client.doors import Door
from clustr_client.errors import ClientError, GaveUp, Refused, Stopped, Unreachable
from clustr_client.feed import Feed
from clustr_client.frames import DeviceMeta, Event, MemberTyping, PersonHere, PostRef, Welcome
from clustr_client.opening import open_feed
from clustr_client.outbox import Patience
from clustr_client.rest import Account

__all__ = [
    "Account",
    "ClientError",
    "DeviceMeta",
    "Door",
    "Event",
    "Feed",
    "GaveUp",
    "MemberTyping",
    "Patience",
    "PersonHere",
    "PostRef",
    "Refused",
    "State",
    "Stopped",
    "Timing",
    "Unreachable",
    "Welcome",
    "open_feed",
]
