"""An SOS: whoever presses, however often, however late the retry."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection

from core import audit
from core.clock import now
from core.ids import new_id
from core.shapes import plain, read
from core.text import clean_text
from core.unit_of_work import unit_of_work
from emergency.errors import AlertIdTaken
from emergency.events import AlertJoined, AlertRaised, AlertView, ProofView
from emergency.models import Alert, AlertCounter, Raise
from emergency.models.alerts import Positioned
from emergency.policies import plain_steps
from emergency.selectors.ladder import policy_for
from emergency.selectors.views import fresh_view, new_view
from emergency.services.ladder import end_countdown, start_countdown, start_ladder
from emergency.services.record import note_down, tell
from emergency.services.transitions import amend
from emergency.shapes import GivenPosition, RaiseAlert
from emergency.states import OPEN, State
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require
from estates.selectors import member_by_id, unit_of

#: How long an idempotency key stands for its alert after that is over. A button that sends the same key for ever must
#: not be deaf for ever. The client-made id has no such limit.
KEY_HONOURED_FOR = timedelta(minutes=15)
LONGEST_KEY = 128
#: Characters of all the notes of an alert together; the newest are kept.
LONGEST_NOTE = 4000


def raise_alert(*, actor: Member, estate: Estate, data: RaiseAlert, key: str | None = None) -> AlertView:
    """Raise an SOS for the actor or, with `data.on_behalf_of`, for somebody else.

    A retry under the same id or key gets the first answer again. While the person has an open alert, anything further
    joins it. `key`: the client's idempotency key. Raises `AlertIdTaken`; for somebody else also `PermissionMissing` and
    `MemberNotFound`. Nothing else stands in the way.
    """
    require(actor, Permission.RAISE_ALERT, estate)
    person = _person_in_need(actor, estate, data)
    raise_id, kept_key = data.id or new_id(), _kept(key)
    try:
        with unit_of_work():
            _queue_up(estate, actor, person)
            if earlier := _earlier(actor, estate, data.id, kept_key):
                return earlier
            press = Raise(
                id=raise_id,
                estate=estate,
                member_id=actor.id,
                key=kept_key,
                category=data.category.value,
                note=clean_text(data.note),
                at=now(),
            )
            _put(press, data.position)
            view = _join_or_start(actor, estate, person, data, press)
            press.answer = plain(view)
            press.save(force_insert=True)
            return view
    except IntegrityError as error:
        if Raise.objects.across_estates().filter(pk=raise_id).exists():
            raise AlertIdTaken(field="id") from error
        raise


def _person_in_need(actor: Member, estate: Estate, data: RaiseAlert) -> Member:
    if data.on_behalf_of is None or data.on_behalf_of == actor.id:
        return actor
    require(actor, Permission.ACKNOWLEDGE_ALERT, estate)
    return member_by_id(estate.pk, data.on_behalf_of)


def _queue_up(estate: Estate, *people: Member) -> None:
    """Presses by or for one person go one after the other; in sorted order, so that none wait in a circle."""
    # NO KEY: rows that refer to the membership can be written meanwhile. SQLite locks the whole database instead.
    rows = Membership.objects.of(estate).filter(pk__in={person.id for person in people})
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def _earlier(actor: Member, estate: Estate, given_id: UUID | None, key: str | None) -> AlertView | None:
    """The answer that this press got before, by its id or else by its key."""
    presses = Raise.objects.across_estates().select_related("alert")
    if given_id is not None and (same := presses.filter(pk=given_id).first()):
        if (same.member_id, same.estate_id) != (actor.id, estate.pk):
            raise AlertIdTaken(field="id")
        return read(same.answer, AlertView)
    if key is None or not (same := presses.filter(member_id=actor.id, key=key).first()):
        return None
    if same.alert.is_open or now() - same.at < KEY_HONOURED_FOR:
        return read(same.answer, AlertView)
    Raise.objects.of(estate).filter(pk=same.pk).update(key=None)
    return None


def _join_or_start(
    actor: Member, estate: Estate, person: Member, data: RaiseAlert, press: Raise
) -> AlertView:
    """A drill never joins the real thing, nor the other way round."""
    open_alert = (
        Alert.objects.of(estate)
        .select_for_update(no_key=True)
        .filter(person_id=person.id, is_drill=data.drill, state__in=OPEN)
        .order_by("raised_at")
        .first()
    )
    if open_alert is None:
        return _start(actor, estate, person, data, press)
    press.alert = open_alert
    return _join(actor, open_alert, data, press)


def _start(actor: Member, estate: Estate, person: Member, data: RaiseAlert, press: Raise) -> AlertView:
    ends_at = now() + timedelta(seconds=data.countdown_s) if data.countdown_s else None
    alert = Alert(
        id=press.pk,
        estate=estate,
        state=(State.COUNTDOWN if ends_at else State.ACTIVE).value,
        category=data.category.value,
        categories=[data.category.value],
        person_id=person.id,
        raised_by_id=actor.id,
        unit=unit_of(person, estate),
        note=press.note,
        is_silent=data.silent,
        is_drill=data.drill,
        policy={"steps": plain_steps(policy_for(estate, data.category))},
        proof=plain(ProofView()),
        raised_at=press.at,
        countdown_ends_at=ends_at,
        activated_at=None if ends_at else press.at,
        positioned_at=press.at if data.position else None,
    )
    _put(alert, data.position)
    alert.save(force_insert=True)
    press.alert = alert
    for_whom = f" for {person.name}" if person.id != actor.id else ""
    what = data.category.value.replace("_", " ")
    note_down(
        alert, "raised", actor, f"{actor.name} raised an SOS{for_whom}: {what}.", category=data.category.value
    )
    steps = start_countdown(alert, ends_at) if ends_at else start_ladder(alert)
    _number(alert)
    audit.record(
        actor,
        "emergency.alert.raised",
        alert,
        {"category": data.category.value, "is_drill": data.drill, "person": str(person.id)},
    )
    view = new_view(alert, steps)
    tell(AlertRaised(alert=view), alert, actor)
    return view


def _join(actor: Member, alert: Alert, data: RaiseAlert, press: Raise) -> AlertView:
    """The press says more about an open alert: another category, words, another place, or that there is no time."""
    news = _news(alert, data, press)
    what = data.category.value.replace("_", " ")
    note_down(alert, "joined", actor, f"{actor.name} pressed again: {what}.", category=data.category.value)
    if news:
        amend(alert, **news)
    if alert.state == State.COUNTDOWN and not data.countdown_s:
        # Its AlertRaised carries the news as well.
        end_countdown(alert)
        return fresh_view(alert)
    view = fresh_view(alert)
    if news:
        audit.record(actor, "emergency.alert.joined", alert, {"category": data.category.value})
        tell(AlertJoined(alert=view), alert, actor)
    return view


def _news(alert: Alert, data: RaiseAlert, press: Raise) -> dict[str, Any]:
    news: dict[str, Any] = {}
    if data.category.value not in alert.categories:
        news["categories"] = [*alert.categories, data.category.value]
    if press.note and press.note not in alert.note:
        news["note"] = f"{alert.note}\n{press.note}".strip()[-LONGEST_NOTE:]
    place = _place(data.position)
    if place and any(getattr(alert, name) != value for name, value in place.items()):
        news |= place | {"positioned_at": press.at}
    return news


def _place(position: GivenPosition | None) -> dict[str, float | None]:
    if position is None:
        return {}
    return {"latitude": position.lat, "longitude": position.lon, "accuracy_m": position.accuracy_m}


def _put(row: Positioned, position: GivenPosition | None) -> None:
    for name, value in _place(position).items():
        setattr(row, name, value)


_NEXT_NUMBER = """
    INSERT INTO emergency_alertcounter (estate_id, last) VALUES (%s, 1)
    ON CONFLICT (estate_id) DO UPDATE SET last = emergency_alertcounter.last + 1
    RETURNING last
"""


def _number(alert: Alert) -> None:
    """Give the alert the estate's next number. As late as possible: the counter is held until the commit."""
    estate_id = AlertCounter._meta.get_field("estate").get_db_prep_value(alert.estate_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [estate_id])
        (alert.number,) = cursor.fetchone()
    Alert.objects.of(alert.estate_id).filter(pk=alert.pk).update(number=alert.number, proof=alert.proof)


def _kept(key: str | None) -> str | None:
    """The key as it is stored: an odd one is digested instead of refused."""
    if not key:
        return None
    is_plain = len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()
    return key if is_plain else sha256(key.encode("utf-8", "replace")).hexdigest()
