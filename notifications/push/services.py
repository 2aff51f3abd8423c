"""A device asks to be woken, and not to be any more."""

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.sessions import live_sessions
from core import audit
from core.clock import now
from core.shapes import Shape
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require
from notifications.models import Delivery, PushSubscription
from notifications.push.base import GONE
from notifications.push.endpoints import is_push_service
from notifications.push.errors import (
    BrowserKeysNotValid,
    EndpointNotAllowed,
    EndpointTaken,
    SignInMissing,
    SubscriptionNotFound,
    TooManySubscriptions,
)
from notifications.push.keys import KeyNotValid, check_browser_keys
from notifications.sms.base import Accepted, Refused, SendResult

#: Of one person in one estate: each is a call to somebody else's server while everybody waits.
MOST_DEVICES = 10


class BrowserKeys(Shape):
    """base64url, as the browser gives them."""

    p256dh: str
    auth: str


class BrowserSubscription(Shape):
    """What `PushSubscription.toJSON()` gives in a browser."""

    endpoint: str
    keys: BrowserKeys
    expirationTime: float | None = None  # noqa: N815 (the browser's spelling)


def keep_subscription(
    *, actor: Member, estate: Estate, device: str, subscription: BrowserSubscription, user_agent: str
) -> PushSubscription:
    """Wake this device of the actor's from now on, for as long as he is signed in on it. Again: the same, renewed.

    Raises `SignInMissing`, `EndpointNotAllowed`, `BrowserKeysNotValid`, `EndpointTaken`, `TooManySubscriptions`.
    """
    require(actor, Permission.KEEP_SUBSCRIPTIONS, estate)
    if not actor.session_key:
        raise SignInMissing
    if not is_push_service(subscription.endpoint):
        raise EndpointNotAllowed(field="subscription.endpoint")
    given = subscription.keys
    try:
        p256dh, auth = check_browser_keys(p256dh=given.p256dh, auth=given.auth)
    except KeyNotValid as error:
        raise BrowserKeysNotValid(f"{error}.".capitalize(), field="subscription.keys") from None
    with unit_of_work():
        # Two devices of his at once would otherwise both be below the limit.
        Membership.objects.of(estate).select_for_update(no_key=True).get(pk=actor.id)
        _take_over(actor, device, subscription.endpoint, p256dh=p256dh, auth=auth)
        own = PushSubscription.objects.of(estate).filter(membership_id=actor.id)
        found = own.filter(device=device).first()
        if found is None:
            _make_room(own)
        row = found or PushSubscription(estate=estate, membership_id=actor.id, device=device)
        row.endpoint, row.p256dh, row.auth = subscription.endpoint, p256dh, auth
        row.user_agent, row.session_key = clean_text(user_agent)[:200], actor.session_key
        _write(row, is_new=found is None)
        if found is None:
            audit.record(actor, "notifications.push.turned_on", row, {"device": device})
        return row


def drop_subscription(*, actor: Member, estate: Estate, device: str) -> None:
    """Do not wake this device of the actor's any more. Raises `SubscriptionNotFound`."""
    require(actor, Permission.KEEP_SUBSCRIPTIONS, estate)
    with unit_of_work():
        own = PushSubscription.objects.of(estate).filter(membership_id=actor.id)
        row = own.filter(device=device).first()
        if row is None:
            raise SubscriptionNotFound
        audit.record(actor, "notifications.push.turned_off", row, {"device": device})
        row.delete()


def note_attempt(row: Delivery, result: SendResult) -> None:
    """What the end of an attempt says about the browser. One that its push service does not know is woken nowhere."""
    rows = PushSubscription.objects.across_estates()
    match result:
        case Accepted():
            rows.filter(pk=row.recipient_key).update(last_ok_at=now())
        case Refused(code=code) if code == GONE:
            gone = rows.filter(pk=row.recipient_key).values_list("endpoint", flat=True)
            rows.filter(endpoint__in=list(gone)).delete()


def forget_signed_out() -> None:
    """Throw away what belongs to sign-ins that have ended. From the moment of their end nothing was sent there."""
    live = Session.objects.filter(expire_date__gt=now()).values("session_key")
    PushSubscription.objects.across_estates().exclude(session_key__in=live).delete()


def _take_over(actor: Member, device: str, endpoint: str, *, p256dh: str, auth: str) -> None:
    """A browser has one person. Whoever was woken in it before is not any more; nor is this person under another name.

    Only the browser itself has its keys: with its address alone nobody can take it away.
    """
    rows = PushSubscription.objects.across_estates().filter(endpoint=endpoint)
    others = rows.exclude(membership__user_id=actor.user_id)
    if others.exclude(p256dh=p256dh, auth=auth).exists():
        raise EndpointTaken(field="subscription.endpoint")
    others.delete()
    rows.filter(membership_id=actor.id).exclude(device=device).delete()


def _make_room(own: QuerySet[PushSubscription]) -> None:
    rows = dict(own.values_list("pk", "session_key"))
    live = live_sessions(rows.values())
    own.filter(pk__in=[pk for pk, key in rows.items() if key not in live]).delete()
    if own.count() >= MOST_DEVICES:
        raise TooManySubscriptions


def _write(row: PushSubscription, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError:
        # Somebody else subscribed in this browser in the same moment.
        raise EndpointTaken(field="subscription.endpoint") from None
