"""What guard posts hold of people: nothing but the name of the tablet that stands there."""

from core.personal_data import holds

holds(
    "staff.posts",
    what="Guard posts, and which tablet stands at each",
    why="A gate whose tablet has gone dark is noticed",
    models=["staff.Post"],
    kept="as long as the estate is here",
    on_deletion="stays: nobody's name is in it",
)
