"""What the record holds of people."""

from core.personal_data import holds

holds(
    "core.audit",
    what="Who did what: name, act, and what changed",
    why="An estate must be able to show who did what, and that nobody has changed it since",
    models=["core.AuditEntry", "core.AuditChain"],
    kept="as long as the estate is here: taking one entry out would break the chain of all that follow",
    on_deletion="stays as written; it is shown under a pseudonym, without what changed, and not found by the name",
)
