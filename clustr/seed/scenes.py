"""What happened in the last two weeks, as a script: each alert with what people did, in seconds after the SOS."""

from dataclasses import dataclass, field

from emergency.events import Category, Outcome

#: Everybody's tablets, unless a scene says otherwise.
ALL_TABLETS = ("gate", "sule")


@dataclass(frozen=True)
class Answer:
    """One responder. Times are seconds after the SOS."""

    who: str
    acknowledges: float
    responds: float | None = None
    eta_s: int | None = None
    arrives: float | None = None


@dataclass(frozen=True)
class Scene:
    """One SOS, `days_ago` at `clock` in the estate's own time."""

    days_ago: int
    clock: str
    who: str
    category: Category
    note: str = ""
    silent: bool = False
    drill: bool = False
    countdown_s: int = 5
    #: Taken back within the countdown.
    cancels: float | None = None
    #: Asked to take it back afterwards.
    asks_to_cancel: float | None = None
    #: Pressed again, for something else.
    adds: tuple[float, Category, str] | None = None
    tablets: tuple[str, ...] = ALL_TABLETS
    #: Number that the carrier could not reach.
    unreachable: str = ""
    answers: tuple[Answer, ...] = ()
    resolved: float = 0.0
    outcome: Outcome = Outcome.REAL
    report: str = ""
    #: Who closed it (the person in need, or management), and when.
    closed_by: str = ""
    closed: float = field(default=0.0)


SCENES = (
    Scene(
        13, "19:42", "bola", Category.FIRE, "Smoke from the socket behind the fridge",
        answers=(Answer("sule", 7, 12, 120, 118), Answer("gate", 15, 30, 240, 226)),
        resolved=1260, report="Socket scorched, no flames. Power to the kitchen switched off; electrician ordered.",
        closed_by="bola", closed=1900,
    ),
    Scene(
        12, "11:05", "grace", Category.ACCIDENT, "Fell from the ladder, wrist hurts", countdown_s=0,
        answers=(Answer("gate", 9, 14, 180, 171),),
        resolved=2400, report="Sprained wrist, first aid given, family drove her to the clinic.",
        closed_by="grace", closed=5400,
    ),
    Scene(11, "08:15", "tobi", Category.OTHER, countdown_s=5, cancels=3),
    Scene(
        10, "02:31", "ada", Category.INTRUSION, "Somebody is at the back door",
        # One tablet was charging in the office: its guard got a text.
        tablets=("sule",),
        answers=(Answer("sule", 8, 10, 90, 84), Answer("ngozi", 21, 40, 420, 415)),
        resolved=1500, report="Man seen climbing back over the east wall. Police informed, lamp replaced.",
        closed_by="ada", closed=30000,
    ),
    Scene(
        9, "16:20", "chidi", Category.MEDICAL, "Father short of breath",
        adds=(25, Category.MEDICAL, "He is 71, heart patient"),
        answers=(Answer("gate", 5, 8, 60, 66), Answer("ngozi", 12, 20, 180, 190)),
        resolved=2700, report="Oxygen and rest until the ambulance came at 16:48. Taken to hospital, stable.",
        closed_by="musa", closed=90000,
    ),
    Scene(
        8, "23:50", "bola", Category.OTHER, "Pressed in my pocket, sorry", countdown_s=0, asks_to_cancel=20,
        answers=(Answer("sule", 14, 25, 120, 130),),
        resolved=300, outcome=Outcome.FALSE_ALARM, report="Visited; pressed by mistake. Showed how to lock the button.",
        closed_by="bola", closed=420,
    ),
    Scene(
        7, "10:00", "ngozi", Category.FIRE, "Monthly drill, assembly point east", drill=True, countdown_s=0,
        answers=(Answer("gate", 4, 6, 60, 58), Answer("sule", 6, 9, 90, 77)),
        resolved=900, outcome=Outcome.TEST, report="Both posts answered within 6 s. Siren 2 needs a new battery.",
        closed_by="musa", closed=7200,
    ),
    Scene(
        6, "04:12", "bola", Category.ROBBERY, "Two men in the street, one has a knife", silent=True, countdown_s=0,
        # Nobody looked at a tablet at first: the texts did it, and one of them did not arrive.
        tablets=(), unreachable="+447700900103",
        answers=(Answer("ngozi", 41, 48, 480, 470), Answer("sule", 52, 60, 150, 160)),
        resolved=3000, report="Men left by the service gate before the patrol came. Cameras handed to the police.",
        closed_by="musa", closed=40000,
    ),
    Scene(
        4, "13:37", "funke", Category.MEDICAL, "Visitor fainted in the office", countdown_s=0,
        answers=(Answer("gate", 6, 9, 45, 52),),
        resolved=1200, report="Low blood sugar; recovered with juice, collected by her son.",
        closed_by="funke", closed=1500,
    ),
    Scene(
        3, "18:05", "dele", Category.ACCIDENT, "Cut my hand on the pump cover",
        answers=(Answer("sule", 11, 16, 150, 155),),
        resolved=1100, report="Wound cleaned and dressed, sent for stitches. The cover needs a guard.",
        closed_by="dele", closed=9000,
    ),
    Scene(
        2, "21:18", "ada", Category.DOMESTIC_VIOLENCE, silent=True, countdown_s=0,
        answers=(Answer("ngozi", 9, 15, 240, 238), Answer("gate", 18, 25, 180, 175)),
        resolved=2100, report="Shouting in the home next door. Parties separated, support number given.",
        closed_by="musa", closed=40000,
    ),
    Scene(
        1, "17:26", "tobi", Category.OTHER, "Lost my key and nobody is home", countdown_s=5,
        answers=(Answer("gate", 6, 10, 90, 97),),
        resolved=1300, outcome=Outcome.FALSE_ALARM, report="Waited with him at the gate until his father came.",
        closed_by="tobi", closed=1500,
    ),
)  # fmt: skip
