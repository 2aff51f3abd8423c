"""What joining looks like to a client, and what he sends about it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from core.shapes import Page, Shape, View
from estates.shapes import OccupancyKind
from joining.states import InvitationState, RequestState, Sending

Code = Annotated[str, Meta(min_length=1, max_length=40)]
UnitName = Annotated[str, Meta(min_length=1, max_length=50)]
PersonName = Annotated[str, Meta(min_length=1, max_length=200)]
Address = Annotated[str, Meta(min_length=1, max_length=254)]
RoleKeys = Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(max_length=20)]
Token = Annotated[str, Meta(min_length=1, max_length=100)]


class JoinCodeView(View):
    """`code`, `url`: null until there is one. `url`: where somebody who knows it asks, as a QR code shows it."""

    code: str | None
    url: str | None
    is_active: bool
    renewed_at: datetime | None


class CheckCode(Shape):
    code: Code


class CodeAnswer(View):
    """All that is told of an estate to who knows its code."""

    estate: str


class AskToJoin(Shape):
    """`unit`: as he calls his home: he sees none of the estate's. `note`: for who decides."""

    code: Code
    unit: UnitName
    kind: OccupancyKind
    note: Annotated[str, Meta(max_length=500)] = ""


class MyJoinRequest(View):
    """One's own request. `reason`: of who declined it."""

    id: UUID
    estate: str
    unit: str
    kind: str
    note: str
    state: RequestState
    reason: str
    asked_at: datetime
    decided_at: datetime | None


class MyJoinRequestPage(Page):
    results: list[MyJoinRequest]


class JoinRequestView(View):
    """Somebody asks to join. `is_phone_verified`: he has proved that the number is his. `known_unit`: the name of the
    estate's unit that is called as he says, null where none is.
    """

    id: UUID
    name: str
    email: str | None
    phone: str | None
    is_phone_verified: bool
    unit: str
    known_unit: str | None
    kind: str
    note: str
    state: RequestState
    reason: str
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class JoinRequestPage(Page):
    results: list[JoinRequestView]


class ApproveRequest(Shape):
    """`unit`: the name of a unit of the estate. `kind`: as he asked, where absent. `roles`: keys of others beside the
    one that comes with the home.
    """

    unit: UnitName
    kind: OccupancyKind | None = None
    roles: RoleKeys = []


class DeclineRequest(Shape):
    """`reason`: he reads it."""

    reason: Annotated[str, Meta(max_length=300)] = ""


class Invite(Shape):
    """`name`: as who invites calls him. `phone` or `email`: there it goes, and whoever answers has proved that it is
    his. `unit`: a name; with `kind`, where he is going to live. `roles`: keys of others beside the one that comes with
    the home.
    """

    name: PersonName
    phone: Address | None = None
    email: Address | None = None
    unit: UnitName | None = None
    kind: OccupancyKind | None = None
    roles: RoleKeys = []


class InvitationSent(View):
    """An invitation, as who sent it sees it. `roles`: beside the one that comes with the home. `sending`: how far the
    text or mail is. `member_id`: who he turned out to be.
    """

    id: UUID
    name: str
    phone: str | None
    email: str | None
    unit: str | None
    kind: str | None
    roles: list[str]
    state: InvitationState
    sending: Sending
    invited_by: str | None
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    member_id: UUID | None


class InvitationSentPage(Page):
    results: list[InvitationSent]


class OpenLetter(Shape):
    """`token`: the end of the link, behind the `#`."""

    token: Token


class AcceptLetter(Shape):
    """`name`, `password`: from who is not signed in and has no account yet."""

    token: Token
    name: Annotated[str, Meta(max_length=200)] = ""
    password: Annotated[str, Meta(max_length=200)] = ""


class Letter(View):
    """What the link's holder is shown. `has_account`: he must sign in to accept. `login`: the address that it went
    to, with which he signs in afterwards.
    """

    estate: str
    name: str
    invited_by: str
    unit: str | None
    kind: str | None
    roles: list[str]
    expires_at: datetime
    has_account: bool
    login: str


class Joined(View):
    """`login`: with which he signs in."""

    estate_id: UUID
    login: str


class AddToHousehold(Shape):
    """`kind`: an owner adds a tenant, family or child, a tenant family or child. By `phone` or `email` he is invited; a
    child can have neither, and then signs in nowhere.
    """

    unit_id: UUID
    kind: OccupancyKind
    name: PersonName
    phone: Address | None = None
    email: Address | None = None


class Housemate(View):
    """Somebody whom the caller added. `has_sign_in`: false for a child that signs in nowhere."""

    occupancy_id: UUID
    member_id: UUID
    name: str
    kind: str
    has_sign_in: bool
    starts_on: date
    ends_on: date | None


class Household(View):
    """A home that the caller keeps. `kinds`: as what he may add somebody."""

    unit_id: UUID
    unit: str
    block: str
    kind: str
    kinds: list[str]
    people: list[Housemate]
    invitations: list[InvitationSent]


class Households(View):
    homes: list[Household]


class AddedToHousehold(View):
    """Either he was invited, or he is there already."""

    invitation: InvitationSent | None
    person: Housemate | None
