"""The event that the benches publish. Known to their own process alone."""

from realtime.events import Fact


class Marked(Fact, type="bench.event.marked"):
    """`estate.<id>.all`: something that every socket must get exactly once. `text`: its mark, filled up."""

    text: str
