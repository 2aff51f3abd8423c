"""The course of a call: what is said when it is answered, and when a key is pressed or none."""

from datetime import timedelta
from typing import Final

from core.clock import now
from notifications.conversations import Conversation, Speech, conversation_about
from notifications.models import Delivery
from notifications.services.reporting import note_machine, note_person
from notifications.states import MACHINE

#: Calls take minutes. What comes later was kept by somebody.
GOOD_FOR: Final = timedelta(minutes=30)
#: How often it is asked for a key before the telephone is put down.
ROUNDS: Final = 2

TOO_OLD: Final = Speech("This call is too old to be answered. Goodbye.")
GOODBYE: Final = Speech("Goodbye.")


def answered(call: Delivery) -> Speech:
    """What is said first, whoever or whatever has picked it up."""
    conversation = _conversation(call)
    return conversation.opening(call) if conversation else TOO_OLD


def pressed(call: Delivery, provider_id: str, key: str, *, round_number: int) -> Speech:
    """What is said next. `key`: empty where there was none. `round_number`: how often it has been asked for, from 1."""
    conversation = _conversation(call)
    if conversation is None:
        return TOO_OLD
    if key:
        note_person(call.pk, provider_id)
    if key == "1":
        return conversation.one_pressed(call)
    if call.error_code == MACHINE and not key:
        # By now its greeting is over, and it writes down what is said.
        return conversation.message(call)
    return conversation.opening(call) if round_number < ROUNDS else GOODBYE


def machine_answered(call: Delivery, provider_id: str) -> None:
    note_machine(call.pk, provider_id)


def _conversation(call: Delivery) -> Conversation | None:
    if (call.attempted_at or call.intended_at) + GOOD_FOR < now():
        return None
    return conversation_about(call.subject)
