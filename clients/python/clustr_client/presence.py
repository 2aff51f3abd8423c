"""Who guards the estate and is here, as the server tells it to those who may see it."""

from collections.abc import Iterable, Mapping

from clustr_client.frames import DeviceMeta, PersonHere, PresenceDiff, PresenceState

#: The topic whose audience is told who is here.
AUDIENCE = ".guards"


class Presence:
    """Unknown until the server has said it, and again from each break on: it is told anew after every welcome."""

    def __init__(self) -> None:
        self._people: dict[str, PersonHere] | None = None
        #: Devices that are here and not listed.
        self.unlisted = 0

    @property
    def people(self) -> Mapping[str, PersonHere] | None:
        """By member id; None while it is not known."""
        return self._people

    def take(self, frame: PresenceState | PresenceDiff) -> bool:
        """Whether it says anything here: a change of what is not known does not."""
        if isinstance(frame, PresenceState):
            self._people = dict(frame.present)
        elif self._people is None:
            return False
        else:
            for member_id, person in frame.leaves.items():
                self._put(member_id, person.name, _without(self._metas(member_id), person.metas))
            for member_id, person in frame.joins.items():
                metas = _without(self._metas(member_id), person.metas)
                self._put(member_id, person.name, [*metas, *person.metas])
        self.unlisted = frame.unlisted
        return True

    def forget(self) -> bool:
        """Nothing is known any more; whether anything was."""
        was_known = self._people is not None
        self._people, self.unlisted = None, 0
        return was_known

    def leave(self, topics: Iterable[str]) -> bool:
        """These topics are not heard any more; whether that made it unknown."""
        return any(topic.endswith(AUDIENCE) for topic in topics) and self.forget()

    def _metas(self, member_id: str) -> list[DeviceMeta]:
        person = (self._people or {}).get(member_id)
        return person.metas if person else []

    def _put(self, member_id: str, name: str, metas: list[DeviceMeta]) -> None:
        assert self._people is not None
        if metas:
            self._people[member_id] = PersonHere(name=name, metas=metas)
        else:
            self._people.pop(member_id, None)


def _without(metas: list[DeviceMeta], gone: list[DeviceMeta]) -> list[DeviceMeta]:
    devices = {meta.device for meta in gone}
    return [meta for meta in metas if meta.device not in devices]
