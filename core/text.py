"""Words that people typed, made fit for a database and a text message."""

import unicodedata


def clean_text(text: str) -> str:
    """`text` without control characters (PostgreSQL takes no NUL), half surrogate pairs and outer white space.

    They are taken out instead of refused: a broken keyboard must not cost anybody an SOS.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    kept = (c for c in whole if c in "\n\t" or unicodedata.category(c) != "Cc")
    return "".join(kept).strip()
