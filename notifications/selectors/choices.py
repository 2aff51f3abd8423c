"""What a member wants to be told."""

from estates.members import Member
from estates.models import Estate
from notifications.kinds import Kind, kinds_for
from notifications.models import NotificationChoice, QuietHours
from notifications.shapes import KindView, PreferencesView, QuietHoursView, SwitchView


def preferences_of(member: Member, estate: Estate) -> PreferencesView:
    """The whole table, of the kinds that concern him, in two queries."""
    rows = NotificationChoice.objects.of(estate).filter(membership_id=member.id)
    chosen = {(row.kind, row.channel): row.is_on for row in rows}
    hours = QuietHours.objects.of(estate).filter(membership_id=member.id).first()
    return PreferencesView(
        kinds=[_kind_view(kind, chosen) for kind in kinds_for(member)],
        quiet_hours=QuietHoursView(
            begins=f"{hours.begins:%H:%M}", ends=f"{hours.ends:%H:%M}", time_zone=hours.time_zone
        )
        if hours
        else None,
        time_zone=estate.time_zone,
    )


def _kind_view(kind: Kind, chosen: dict[tuple[str, str], bool]) -> KindView:
    switches = []
    for channel in kind.channels:
        can_be_chosen = kind.can_be_chosen(channel)
        is_on = chosen.get((kind.key, channel), channel in kind.default) if can_be_chosen else True
        switches.append(SwitchView(channel=channel.value, is_on=is_on, is_locked=not can_be_chosen))
    return KindView(kind=kind.key, title=kind.title, is_mandatory=kind.is_mandatory, channels=switches)
