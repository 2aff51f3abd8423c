"""What somebody wants to be told, as a client sends and reads it."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from core.shapes import Shape, View

#: By the clock on the wall.
WallTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Word = Annotated[str, Meta(max_length=60)]


class QuietHoursShape(Shape):
    """From `begins` to `ends` ("22:00", "06:30"), over midnight too. `time_zone`: IANA name; empty: the estate's."""

    begins: WallTime
    ends: WallTime
    time_zone: Annotated[str, Meta(max_length=64)] = ""


class ChoiceShape(Shape):
    """A switch, turned. `kind`, `channel`: as in the table."""

    kind: Word
    channel: Word
    is_on: bool


class ChangePreferences(Shape):
    """What is absent stays as it is. `quiet_hours`: null for none."""

    choices: Annotated[list[ChoiceShape], Meta(max_length=200)] = []
    quiet_hours: QuietHoursShape | UnsetType | None = UNSET


class SwitchView(View):
    """`is_locked`: it cannot be turned."""

    channel: str
    is_on: bool
    is_locked: bool


class KindView(View):
    """`is_mandatory`: an emergency's, or as important. Neither switches nor quiet hours hold it back."""

    kind: str
    title: str
    is_mandatory: bool
    channels: list[SwitchView]


class QuietHoursView(View):
    """`time_zone`: empty for the estate's."""

    begins: str
    ends: str
    time_zone: str


class PreferencesView(View):
    """The whole table. `time_zone`: the estate's."""

    kinds: list[KindView]
    quiet_hours: QuietHoursView | None
    time_zone: str
