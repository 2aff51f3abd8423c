"""What follows here when somebody moves."""

from estates.moves import Move, on_move
from estates.selectors import today
from joining.services.household import close_household_of


@on_move
def invitations_end_with_the_home(move: Move) -> None:
    """An end that is still to come closes nothing: until then he may invite, and whoever accepts leaves with him."""
    ends_on = move.occupancy.ends_on
    if not move.is_in and ends_on is not None and ends_on <= today(move.occupancy.unit.estate):
        close_household_of(actor=move.actor, occupancy=move.occupancy)
