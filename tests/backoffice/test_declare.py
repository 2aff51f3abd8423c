"""A list says all that it is declared to do, or the process does not start."""

import pytest

from estates.exchanging import ListResource, exchange, exchanges
from estates.permissions import Permission


class OnlyOut(ListResource):
    def rows(self, actor):
        return iter(())


def test_a_list_without_rows_is_refused():
    with pytest.raises(TypeError, match="its rows"):
        exchange("x", title="X", export=Permission.EXPORT_LISTS)(ListResource)
    assert "x" not in exchanges


def test_a_list_that_cannot_be_brought_in_is_not_declared_so(monkeypatch):
    with pytest.raises(TypeError, match="brought in"):
        exchange("x", title="X", export=Permission.EXPORT_LISTS, bring_in=Permission.IMPORT_LISTS)(OnlyOut)
    assert "x" not in exchanges
    monkeypatch.setitem(exchanges, "x", None)
    assert exchange("x", title="X", export=Permission.EXPORT_LISTS)(OnlyOut) is OnlyOut
