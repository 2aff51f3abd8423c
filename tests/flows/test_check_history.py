"""The checker, by itself: each kind of fault is found, and called by its name."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.history import Heard, History, Log, Placed, faults_in, gaps_in

LANE, INBOX, FOREIGN = "estate.1.emergency", "member.1", "estate.2.emergency"
LOG: Log = {
    LANE: {1: "a", 2: "b", 3: "c", 4: "d"},
    INBOX: {1: "b"},
    FOREIGN: {1: "z"},
}


def told(*entries: Heard | Placed, longest_replay: int | None = None) -> list[tuple[str, str, int]]:
    history = History("gate", frozenset({LANE, INBOX}), list(entries))
    found = faults_in(history, LOG, longest_replay=longest_replay)
    return [(fault.kind, fault.topic, fault.offset) for fault in found]


def lane(*offsets: int) -> list[Heard]:
    return [Heard(LANE, offset, LOG[LANE][offset]) for offset in offsets]


START = (Placed(LANE, 0), Placed(INBOX, 0))
ALL_OF_INBOX = Heard(INBOX, 1, "b")


def test_who_heard_everything_in_order_has_no_fault():
    assert told(*START, *lane(1, 2), ALL_OF_INBOX, *lane(3, 4)) == []


def test_an_event_in_two_topics_is_no_twin():
    assert told(*START, *lane(1, 2, 3, 4), ALL_OF_INBOX) == []


def test_what_came_before_the_first_place_is_not_missed():
    assert told(Placed(LANE, 2), Placed(INBOX, 1), *lane(3, 4)) == []


def test_a_hole_is_lost_and_so_is_the_end():
    assert told(*START, *lane(1, 3), ALL_OF_INBOX) == [("lost", LANE, 2), ("lost", LANE, 4)]


def test_a_topic_of_which_nothing_came_is_lost():
    assert told(*START, *lane(1, 2, 3, 4)) == [("lost", INBOX, 1)]


def test_a_topic_that_was_never_placed_is_lost():
    assert told(Placed(INBOX, 1)) == [("lost", LANE, offset) for offset in (1, 2, 3, 4)]


def test_twice_is_duplicated():
    assert told(*START, *lane(1, 2, 2, 3, 4), ALL_OF_INBOX) == [("duplicated", LANE, 2)]


def test_the_wrong_way_round_is_reordered():
    assert told(*START, *lane(1, 3, 2, 4), ALL_OF_INBOX) == [("reordered", LANE, 2)]


def test_another_estates_topic_is_foreign():
    assert told(*START, *lane(1, 2, 3, 4), ALL_OF_INBOX, Heard(FOREIGN, 1, "z")) == [("foreign", FOREIGN, 1)]


def test_what_the_log_does_not_have_is_a_phantom():
    entries = (*lane(1, 2), Heard(LANE, 3, "never"), *lane(4), ALL_OF_INBOX)
    assert told(*START, *entries) == [("phantom", LANE, 3), ("lost", LANE, 3)]
    assert told(*START, *lane(1, 2, 3, 4), ALL_OF_INBOX, Heard(LANE, 5, "e")) == [("phantom", LANE, 5)]


def test_being_sent_to_a_snapshot_is_a_fault_unless_too_much_was_missed():
    entries: list[Heard | Placed] = [*START, *lane(1), Placed(LANE, 3), *lane(4), ALL_OF_INBOX]
    assert told(*entries) == [("placed_anew", LANE, 3)]
    assert told(*entries, longest_replay=2) == [("placed_anew", LANE, 3)]
    assert told(*entries, longest_replay=1) == []


def test_a_gap_in_the_log_itself_is_seen():
    assert gaps_in(LOG) == []
    assert gaps_in({LANE: {1: "a", 3: "c"}}) != []


@given(st.lists(st.sampled_from([1, 2, 3, 4]), max_size=6))
def test_only_the_whole_log_in_order_passes(offsets):
    assert (told(*START, *lane(*offsets), ALL_OF_INBOX) == []) == (offsets == [1, 2, 3, 4])
