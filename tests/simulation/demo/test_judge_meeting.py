"""The demo's judge notices whatever the speaker's meeting was told wrongly."""

from __future__ import annotations

import pytest

from simulation.demo import sample_meeting
from simulation.demo.acts import Decide, Told
from simulation.demo.sample import LOFT
from simulation.demo.sample_meeting import MEETING
from simulation.demo.verdict import LATE_AFTER
from tests.simulation.demo.rooms import BOT, SPEED, Rooms, wall, wrong

LINES = [item for item in sample_meeting.told() if item.room is MEETING]
DECIDED = [act for act in sample_meeting.script() if isinstance(act, Decide) and act.by is MEETING]
WAITS = "2 (2 votes): Does it boot from a wet saucer?"


def in_meeting(*, without: Told | Decide | None = None) -> Rooms:
    return Rooms(without=without, meeting=True)


def test_all_is_well() -> None:
    verdict = in_meeting().judged()
    assert (verdict.faults, wrong(verdict)) == ([], {})
    figures, before = verdict.as_json(), Rooms().judged().as_json()
    assert figures["notices"] == before["notices"] | {"meeting": 5}
    assert (figures["in_meeting"], before["in_meeting"]) == (7, 0)
    # The same is done, by somebody else.
    for kind in ("commands", "answers", "questions", "boards", "votes_counted"):
        assert figures[kind] == before[kind]


@pytest.mark.parametrize("item", LINES, ids=lambda item: f"{item.at}")
def test_each_line_that_is_missing_is_lost(item: Told) -> None:
    verdict = in_meeting(without=item).judged()
    too_short = item.holds * 60 / SPEED < LATE_AFTER
    assert wrong(verdict) == ({"overtaken": 1} if too_short else {"lost": 1})


@pytest.mark.parametrize("item", LINES, ids=lambda item: f"{item.at}")
def test_each_line_that_is_said_twice_is_doubled(item: Told) -> None:
    rooms = in_meeting()
    rooms.tell(item, 5)
    assert wrong(rooms.judged()) == {"doubled": 1}


@pytest.mark.parametrize("act", DECIDED, ids=lambda act: act.how)
def test_each_command_is_answered_once(act: Decide) -> None:
    verdict = in_meeting(without=act).judged()
    assert wrong(verdict) == {"lost": 1}
    assert verdict.faults == [f"Meeting: no such answer to somebody: {act.at}"]

    rooms = in_meeting()
    rooms.answer(act, LATE_AFTER / 2, text=f"{act.answer} and so on")
    assert wrong(rooms.judged()) == {"unexpected": 1}


def test_an_answer_that_comes_late_is_late() -> None:
    rooms = in_meeting(without=DECIDED[0])
    rooms.answer(DECIDED[0], LATE_AFTER + 0.1, text="Now: 2 (")
    verdict = rooms.judged()
    assert wrong(verdict) == {"late": 1}
    assert "Meeting: waited 2.1 s" in verdict.faults[0]


def test_a_command_without_effect_in_the_room_is_noticed() -> None:
    rooms = in_meeting()
    rooms.spoil(LOFT, "your question 2 is being answered")
    assert wrong(rooms.judged()) == {"lost": 1}
    rooms = in_meeting()
    by = "by mira in the meeting"
    text = f"sail-loft 2 ⭐ next {by}: Does it boot from a wet saucer?"
    rooms.show_card(LOFT, 2, wall("12:45"), text)
    assert rooms.judged().faults == ["sail-loft 2 is starred, and should be answered"]


def test_a_card_that_does_not_say_who_decided_in_the_meeting_is_noticed() -> None:
    rooms = in_meeting()
    rooms.show_card(
        LOFT, 2, wall("12:45"), "sail-loft 2 ✅ answered: Does it boot from a wet saucer?"
    )
    assert rooms.judged().faults == ["sail-loft 2 does not say that mira decided that"]


def test_another_line_is_unexpected() -> None:
    rooms = in_meeting()
    rooms.send(MEETING, BOT, "Hello!", wall("10:12"))
    assert wrong(rooms.judged()) == {"unexpected": 1}


def test_the_best_question_may_be_shown_at_any_time_but_once() -> None:
    rooms = in_meeting()
    rooms.send(MEETING, BOT, f"Next: {WAITS}", wall("10:20:30"))
    assert rooms.judged().good
    rooms.send(MEETING, BOT, f"Next: {WAITS}", wall("10:20:40"))
    assert wrong(rooms.judged()) == {"unexpected": 1}


@pytest.mark.parametrize(
    "shown",
    ["3 (1 vote): Who pays for tea?", "2 (1 vote): Does it boot?", "12 (2 votes): Does it?"],
    ids=["not the best", "other votes", "not there"],
)
@pytest.mark.parametrize("before", ["", "Questions now, until 10:25. 3 questions wait. "])
def test_a_wrong_question_is_noticed(shown: str, before: str) -> None:
    opens = next(item for item in LINES if item.at == "10:20")
    rooms = in_meeting(without=opens if before else None)
    rooms.send(MEETING, BOT, f"{before}{'First' if before else 'Next'}: {shown}", wall("10:20:30"))
    verdict = rooms.judged()
    assert len(verdict.faults) == 1
    assert verdict.faults[0].startswith("Meeting was shown the wrong question: ")
