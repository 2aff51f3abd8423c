"""The fake Twilio's telephones: calls that ring, are picked up by people and machines, and end."""

import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.twilio import Callback

CALLS_PREFIX = "/2010-04-01/Accounts/{account}/Calls"
RINGING = ("queued", "ringing")


@dataclass(slots=True)
class FakeCall:
    """A call as Twilio keeps it."""

    sid: str
    account_sid: str
    fields: dict[str, str]
    created_at: datetime
    status: str = "queued"
    answered_by: str | None = None
    is_listed: bool = True

    @property
    def to(self) -> str:
        return self.fields["To"]

    def as_json(self) -> dict[str, Any]:
        uri = f"{CALLS_PREFIX.format(account=self.account_sid)}/{self.sid}"
        begun = None if self.status == "queued" else format_datetime(self.created_at)
        return {
            "account_sid": self.account_sid,
            "answered_by": self.answered_by,
            "api_version": "2010-04-01",
            "caller_name": None,
            "date_created": format_datetime(self.created_at),
            "date_updated": format_datetime(self.created_at),
            "direction": "outbound-api",
            "duration": "30" if self.status == "completed" else None,
            "end_time": None if self.status in (*RINGING, "in-progress") else begun,
            "forwarded_from": None,
            "from": self.fields.get("From"),
            "from_formatted": self.fields.get("From"),
            "group_sid": None,
            "parent_call_sid": None,
            "phone_number_sid": None,
            "price": None,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": self.sid,
            "start_time": begun,
            "status": self.status,
            "subresource_uris": {"events": f"{uri}/Events.json"},
            "to": self.to,
            "to_formatted": self.to,
            "trunk_sid": None,
            "uri": f"{uri}.json",
        }


class Switchboard:
    """What Twilio does with calls. `rings`: every call there ever was, oldest first."""

    account_sid: str
    lock: threading.RLock
    rings: list[FakeCall]

    def signed(self, url: str, params: dict[str, str]) -> "Callback":
        raise NotImplementedError

    # --- the harness --------------------------------------------------------------------------------------------------

    def move_call(self, call: FakeCall, status: str, **fields: str) -> "Callback":
        """Move a call on, as the carrier does, and answer the callback that Twilio would now post."""
        with self.lock:
            call.status = status
        return self.call_status(call, status, **fields)

    def call_status(self, call: FakeCall, status: str, **fields: str) -> "Callback":
        """A signed status callback, whatever the call's own state is: to be posted late, twice or out of order."""
        return self.about(call, call.fields["StatusCallback"], status, **fields)

    def pick_up(self, call: FakeCall) -> "Callback":
        """Somebody or something picks it up: Twilio asks what to say."""
        with self.lock:
            call.status = "in-progress"
        return self.about(call, call.fields["Url"], "in-progress")

    def press(self, call: FakeCall, action: str, digits: str = "") -> "Callback":
        """A key, or none in time, while the telephone is held."""
        return self.about(call, action, "in-progress", Digits=digits, msg="Gather End")

    def make_out(self, call: FakeCall, answered_by: str) -> "Callback":
        """Twilio has listened to what answered."""
        with self.lock:
            call.answered_by = answered_by
        url = call.fields["AsyncAmdStatusCallback"]
        params = {"AccountSid": self.account_sid, "CallSid": call.sid, "To": call.to}
        return self.signed(url, params | {"AnsweredBy": answered_by, "MachineDetectionDuration": "2400"})

    def about(self, call: FakeCall, url: str, status: str, **fields: str) -> "Callback":
        params = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": call.sid,
            "CallStatus": status,
            "Called": call.to,
            "Direction": "outbound-api",
            "From": call.fields["From"],
            "To": call.to,
        }
        return self.signed(url, params | fields)

    # --- the API ------------------------------------------------------------------------------------------------------

    def ring(self, fields: dict[str, str], *, is_listed: bool) -> FakeCall:
        call = FakeCall(
            sid="CA" + uuid.uuid4().hex,
            account_sid=self.account_sid,
            fields=fields,
            created_at=datetime.now(UTC),
            is_listed=is_listed,
        )
        with self.lock:
            self.rings.append(call)
        return call

    def find_call(self, sid: str) -> FakeCall | None:
        return next((call for call in self.rings if call.sid == sid), None)

    def listed_calls(self, query: dict[str, str]) -> list[FakeCall]:
        """The newest first, as Twilio lists them."""
        with self.lock:
            found = [call for call in reversed(self.rings) if call.is_listed]
        return [call for call in found if query.get("To") in (None, call.to)]

    def update_call(self, call: FakeCall, fields: dict[str, str]) -> None:
        """Canceled: what rings stops, what was picked up goes on. Completed: it ends."""
        with self.lock:
            if fields.get("Status") == "canceled" and call.status in RINGING:
                call.status = "canceled"
            if fields.get("Status") == "completed" and call.status == "in-progress":
                call.status = "completed"
