"""Facts: typed payloads of events, by type name."""

from typing import Any, ClassVar, dataclass_transform

import msgspec

from core.shapes import KeywordStruct

#: Every event type there is, filled as the modules that declare them are imported.
fact_types: dict[str, "type[Fact]"] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class FactMeta(KeywordStruct):
    """Takes the event's type name as a class argument: a Struct's own metaclass knows only its options."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], *, type: str = "", **options: Any
    ) -> Any:
        cls: Any = super().__new__(mcls, name, bases, namespace, **options)
        if type:
            known = fact_types.get(type)
            if known is not None and known.__qualname__ != cls.__qualname__:
                raise TypeError(f"Event type {type} is declared twice")
            cls.type = type
            fact_types[type] = cls
        return cls


class Fact(msgspec.Struct, metaclass=FactMeta):
    """Something that happened. A subclass is declared `class AlertRaised(Fact, type="emergency.alert.raised")`.

    It carries what a page needs to draw it, not an id to fetch. Its docstring begins with the topics it is published
    to and who hears it there, in a form that the specification is made from (`realtime.specification.facts`):
    "On `estate.<id>.guards` for guards and managers, and `member.<id>` for the person in need. What happened."
    """

    type: ClassVar[str] = ""
