"""The estate's escalation policies."""

from core import audit
from core.unit_of_work import unit_of_work
from emergency.models import EscalationPolicy
from emergency.policies import PRESETS, PresetKey, plain_steps
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require


def choose_preset(*, actor: Member, estate: Estate, preset: PresetKey) -> None:
    """One ladder for every category; those that single categories had of their own go. Alerts that are under way have
    copies, and keep them.
    """
    require(actor, Permission.MANAGE_POLICIES, estate)
    steps = plain_steps(PRESETS[preset].steps)
    with unit_of_work():
        # Of two who choose at once the later one's choice holds, whole.
        Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)
        before = {row.category: row for row in EscalationPolicy.objects.of(estate)}
        if set(before) == {""} and before[""].steps == steps:
            return
        EscalationPolicy.objects.of(estate).delete()
        policy = EscalationPolicy.objects.create(estate=estate, category="", steps=steps)
        changes = {"preset": preset.value, "replaced": sorted(before)}
        audit.record(actor, "emergency.policy.chosen", policy, changes)
