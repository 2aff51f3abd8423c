"""How far the setting-up of an estate has come: seen in what is there, not kept."""

from uuid import UUID

from accounts.second_factor import users_with_second_factor
from backoffice.shapes import SetUpStep, SetUpStepKey, SetUpView
from emergency.models import Alert
from emergency.selectors.ladder import presets_for
from emergency.states import State
from estates.models import Estate, Membership, Unit
from estates.permissions import RoleKey
from estates.selectors import holders

#: Nobody was told of these.
UNTOLD = (State.COUNTDOWN, State.CANCELLED)


def set_up_of(estate: Estate) -> SetUpView:
    """The five steps in their order, in a handful of queries whatever the estate's size."""
    steps = [_units(estate), _people(estate), _ladder(estate), _drill(estate), _second_step(estate)]
    is_done = all(step.is_done for step in steps)
    return SetUpView(steps=steps, is_done=is_done, is_shown_first=estate.is_being_set_up and not is_done)


def last_drill_id(estate: Estate) -> UUID | None:
    """The drill that was placed last, if people were told of one."""
    drills = Alert.objects.of(estate).filter(is_drill=True).exclude(state__in=UNTOLD)
    return drills.order_by("-raised_at").values_list("pk", flat=True).first()


def _units(estate: Estate) -> SetUpStep:
    count = Unit.objects.of(estate).count()
    return SetUpStep(key=SetUpStepKey.UNITS, is_done=count > 0, count=count)


def _people(estate: Estate) -> SetUpStep:
    """Those beside its first manager; invited ones count."""
    there = (Membership.Status.ACTIVE, Membership.Status.PENDING)
    others = max(Membership.objects.of(estate).filter(status__in=there).count() - 1, 0)
    return SetUpStep(key=SetUpStepKey.PEOPLE, is_done=others > 0, count=others)


def _ladder(estate: Estate) -> SetUpStep:
    return SetUpStep(key=SetUpStepKey.LADDER, is_done=not presets_for(estate).is_default)


def _drill(estate: Estate) -> SetUpStep:
    alert_id = last_drill_id(estate)
    return SetUpStep(key=SetUpStepKey.DRILL, is_done=alert_id is not None, alert_id=alert_id)


def _second_step(estate: Estate) -> SetUpStep:
    """Required of managers, or had by all of them. `count`: managers without one."""
    grants = holders(estate.pk, RoleKey.MANAGER)
    managers = set(grants.values_list("membership__user_id", flat=True))
    lacking = len(managers - users_with_second_factor(managers))
    is_done = estate.is_second_factor_required or not lacking
    return SetUpStep(key=SetUpStepKey.SECOND_STEP, is_done=is_done, count=lacking)
