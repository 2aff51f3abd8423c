"""What can go wrong with an alert."""

from core.errors import Conflict, Denied, NotFound


class AlertNotFound(NotFound):
    """It does not exist, belongs to another estate, or is not the asker's to see: he is not told which."""

    code = "alert_not_found"
    title = "Alert not found"


class AlertIdTaken(Conflict):
    """Somebody's, somewhere: no more is said, because ids of other people and estates are not the asker's to probe."""

    code = "alert_id_taken"
    title = "Make another id and raise it again"


class AlertOver(Conflict):
    code = "alert_over"
    title = "The alert is already over"


class CountdownOver(Conflict):
    code = "countdown_over"
    title = "The countdown is over; ask for cancellation (cancel-request) and a responder will verify it"


class CountdownRunning(Conflict):
    code = "countdown_running"
    title = "The countdown is still running and nobody has been told; cancel the alert instead"


class NotResolved(Conflict):
    code = "alert_not_resolved"
    title = "An alert is closed after a responder has resolved it with a report"


class OwnAlert(Conflict):
    """Who is in need may be under duress: only somebody else's acknowledgement stops the ladder."""

    code = "own_alert"
    title = "Somebody else must take on your own alert"


class NotYourAlert(Denied):
    code = "not_your_alert"
    title = "Only who raised the alert can do this"


class MessageIdTaken(Conflict):
    """By another message, somebody's, somewhere: no more is said."""

    code = "message_id_taken"
    title = "Make another id and send it again"


class ContactNotFound(NotFound):
    code = "contact_not_found"
    title = "Contact not found"


class TooManyContacts(Conflict):
    code = "too_many_contacts"
    title = "You have as many emergency contacts as possible; delete one first"


class ContactExists(Conflict):
    code = "contact_exists"
    title = "This number is among your emergency contacts already"


class AlertStillOpen(Conflict):
    code = "alert_still_open"
    title = "An alert of this person is still open"
