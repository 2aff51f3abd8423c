"""Whoever has left his last home shows nothing any more: if he comes back, he is asked anew."""

from community.services import forget_privacy
from estates.moves import Move, on_move
from estates.services.people import open_occupancies


@on_move
def whoever_moves_out_is_in_no_directory(move: Move) -> None:
    if move.is_in:
        return
    membership = move.occupancy.membership
    if not open_occupancies(membership).exclude(pk=move.occupancy.pk).exists():
        forget_privacy(membership)
