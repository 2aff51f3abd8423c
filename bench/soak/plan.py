"""Which faults come, when and how long: drawn from a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

REALTIME = ("realtime-0", "realtime-1")
SERVING = ("web", *REALTIME)
EVERY = (*SERVING, "worker", "beat")
#: A fault that is made to several processes at once.
ALL = "all"
#: Share of the faults whose successor does not wait for their end.
OVERLAPPING = 0.3
#: Seconds between the end of a fault and the next one.
PAUSE_S = (0.2, 1.5)
#: Seconds by which a clock is stepped, forward or backward.
STEP_S = (60.0, 600.0)


@dataclass(frozen=True, slots=True)
class Kind:
    """`targets`: what it can be done to. `lasts_s`: seconds until it is mended, from and to."""

    name: str
    targets: tuple[str, ...]
    lasts_s: tuple[float, float]


KINDS = (
    Kind("kill web", ("web",), (0.0, 1.0)),
    Kind("kill realtime", REALTIME, (0.0, 2.0)),
    Kind("kill worker", ("worker", "beat"), (0.0, 2.0)),
    Kind("stop web", ("web",), (0.5, 3.0)),
    Kind("stop realtime", REALTIME, (0.5, 6.0)),
    Kind("stop worker", ("worker",), (0.5, 6.0)),
    Kind("redis restart", ("redis",), (0.0, 2.0)),
    Kind("redis flushall", ("redis",), (0.0, 0.0)),
    Kind("redis cut silent", (*SERVING, ALL), (0.5, 6.0)),
    Kind("redis cut reset", (*SERVING, ALL), (0.2, 4.0)),
    Kind("postgres fast restart", ("postgres",), (0.0, 1.5)),
    Kind("postgres immediate restart", ("postgres",), (0.0, 1.5)),
    Kind("postgres cut silent", (*SERVING, "worker"), (0.5, 4.0)),
    Kind("postgres cut reset", (*SERVING, "worker"), (0.2, 2.0)),
    Kind("commits fail", (*SERVING, "worker"), (0.5, 2.0)),
    Kind("clock stepped", (*SERVING, "worker", ALL, ALL), (1.0, 4.0)),
    Kind("readers stall", ("clients",), (1.0, 8.0)),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """`amount`: a number of the fault's own: the seconds of a clock's step, or the share of clients that stall.

    `is_overlapping`: the next one does not wait for its end. `pause_s`: before the next one.
    """

    kind: str
    target: str
    lasts_s: float
    amount: float
    is_overlapping: bool
    pause_s: float

    def __str__(self) -> str:
        return f"{self.kind} ({self.target}, {self.lasts_s:.1f} s)"


def draw(seed: int, count: int, *, kinds: Sequence[str] = ()) -> list[Planned]:
    """`kinds`: these alone; all where none are named. Each comes once before any comes again."""
    chance = random.Random(seed)
    chosen = [kind for kind in KINDS if not kinds or kind.name in kinds]
    planned: list[Planned] = []
    while len(planned) < count:
        bag = chance.sample(chosen, len(chosen))
        planned += [_drawn(chance, kind) for kind in bag[: count - len(planned)]]
    return planned


def _drawn(chance: random.Random, kind: Kind) -> Planned:
    return Planned(
        kind=kind.name,
        target=chance.choice(kind.targets),
        lasts_s=chance.uniform(*kind.lasts_s),
        amount=_amount(chance, kind.name),
        is_overlapping=chance.random() < OVERLAPPING,
        pause_s=chance.uniform(*PAUSE_S),
    )


def _amount(chance: random.Random, kind: str) -> float:
    match kind:
        case "clock stepped":
            return chance.choice((-1, 1)) * chance.uniform(*STEP_S)
        case "readers stall":
            return chance.uniform(0.02, 0.2)
        case "commits fail":
            return chance.uniform(0.2, 1.0)
        case _:
            return 0.0
