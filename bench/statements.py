"""What a process asked the database, out of PostgreSQL's log."""

import re
from collections import Counter

_STATEMENT = re.compile(
    r"^(?P<program>[^|\n]*)\|LOG:  (?:statement|execute [^:]*): (?P<text>.*)$", re.MULTILINE
)
_VALUE = re.compile(r"'[^']*'(?:::\w+)?|\b\d+\b")
#: Stands for a round trip without a query.
CHECK = "(connection check)"
#: Not questions: the frame around them.
_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ", "DISCARD")
#: Characters by which two statements are told apart.
_HEAD = 90


def queries(log: str, program: str) -> Counter[str]:
    """How often `program` asked what. The values are taken out, transactions' begin and end are not counted."""
    found: Counter[str] = Counter()
    for match in _STATEMENT.finditer(log):
        # The pool's question whether a connection still lives is an empty statement.
        text = match["text"].strip() or CHECK
        if match["program"] == program and not text.startswith(_FRAME):
            found[_VALUE.sub("?", text)[:_HEAD]] += 1
    return found
