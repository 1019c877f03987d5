"""The demo's judge notices whatever is wrong with the questions."""

from __future__ import annotations

import pytest

from simulation.demo import sample
from simulation.demo.acts import Act, Ask, Decide, Write
from simulation.demo.sample import BOATHOUSE, HOSTS, LOFT, WITH_MIRA, WITH_NOA
from simulation.demo.verdict import LATE_AFTER
from tests.simulation.demo.rooms import BOT, SOON, Rooms, told, wall, wrong

ASKED = [act for act in sample.SCRIPT if isinstance(act, Ask)]
IN_ROOM = [act for act in ASKED if act.by is None]
TAKEN = [act for act in sample.SCRIPT if isinstance(act, Decide) and act.state == "answering"]
WRITTEN = [act for act in sample.SCRIPT if isinstance(act, Write)]


def asked(number: int) -> Act:
    return next(act for act in IN_ROOM if act.room is LOFT and act.number == number)


def at_time(act: Act) -> str:
    return act.at


def test_what_became_of_all_questions() -> None:
    figures = Rooms().judged().as_json()
    assert figures["questions"] == {
        "answered": 14,
        "dismissed": 1,
        "merged": 1,
        "open": 1,
        "withdrawn": 1,
    }
    assert sum(figures["questions"].values()) == len(ASKED)
    assert figures["votes_expected"] == figures["votes_counted"] == 28
    assert (figures["boards"], figures["letters"], figures["answers_written"]) == (8, 1, 2)


# The number that a question gets.


@pytest.mark.parametrize("act", IN_ROOM, ids=at_time)
def test_each_question_must_get_its_number(act: Ask) -> None:
    rooms = Rooms()
    chip = next(e for e in rooms.events[act.room] if key_of(e) == f"Q{act.number}")
    chip["content"]["m.relates_to"]["key"] = "Q99"
    verdict = rooms.judged()
    assert wrong(verdict) == {"lost": 1}
    assert verdict.faults[0].startswith(f"{act.room.name}: not numbered {act.number}: ")
    chip["content"] = {}
    assert wrong(rooms.judged()) == {"lost": 1}


def test_a_question_is_numbered_once_and_soon() -> None:
    rooms = Rooms()
    event_id = next(deed.event_id for deed in rooms.deeds if deed.act is asked(1))
    rooms.react(LOFT, event_id, "Q1", wall("10:05"))
    assert wrong(rooms.judged()) == {"doubled": 1}
    chip = next(event for event in rooms.events[LOFT] if key_of(event) == "Q2")
    chip["origin_server_ts"] += LATE_AFTER * 1000
    assert wrong(rooms.judged()) == {"doubled": 1, "late": 1}


def test_a_question_asked_directly_stands_in_the_room_once() -> None:
    rooms = Rooms()
    rooms.send(LOFT, "@bot:conference.localhost", "3 Who pays for tea?", wall("10:08"))
    assert wrong(rooms.judged()) == {"doubled": 1}
    rooms.spoil(LOFT, "3 Who pays")
    assert wrong(rooms.judged()) == {}
    rooms.spoil(LOFT, "3 Who pays")
    assert wrong(rooms.judged()) == {"lost": 1}


# Cards.


def test_each_question_has_one_card() -> None:
    rooms = Rooms()
    rooms.send(HOSTS, "@bot:conference.localhost", "sail-loft 7: Does undo", wall("10:40"))
    assert wrong(rooms.judged()) == {"doubled": 1}
    rooms = Rooms()
    rooms.spoil(HOSTS, "boathouse 5")
    verdict = rooms.judged()
    assert verdict.faults[0] == "Hosts was not told: card boathouse 5"
    assert sum(verdict.questions.values()) == len(ASKED) - 1


def test_a_card_says_at_last_how_the_question_stands() -> None:
    rooms = Rooms()
    rooms.show_card(LOFT, 1, wall("12:40"), "sail-loft 1 ⭐ next: Is that a whole scheduler in")
    faults = rooms.judged().faults
    assert faults[0] == "sail-loft 1 is starred, and should be answered"
    rooms.show_card(LOFT, 1, wall("12:41"))
    assert rooms.judged().good


def test_a_card_follows_an_edit() -> None:
    rooms = Rooms()
    old = "sail-loft 4 ✅ answered: How many cups fit on one tray? – emil"
    rooms.show_card(LOFT, 4, wall("12:40"), old)
    assert rooms.judged().faults == ["sail-loft 4 does not say: How many cups fit on one board?"]


def test_a_card_has_four_buttons() -> None:
    rooms = Rooms()
    card = rooms.find(HOSTS, "sail-loft 1")["event_id"]
    rooms.react(HOSTS, card, "✅", wall("10:05"))
    assert rooms.judged().faults[0].startswith("Hosts: other buttons than these: 10:03:06 sail-lo")


# Whom it concerns.


@pytest.mark.parametrize("act", TAKEN, ids=at_time)
def test_each_asker_is_notified_when_it_is_taken(act: Decide) -> None:
    rooms = Rooms()
    message = rooms.find(act.room, f"question {act.number} is being answered")
    message["content"]["m.mentions"] = {}
    verdict = rooms.judged()
    # It is not what had to be said, and so ought not to be there either.
    assert wrong(verdict) == {"lost": 1, "unexpected": 1}
    rooms.events[act.room].remove(message)
    assert wrong(rooms.judged()) == {"lost": 1}


def test_nobody_else_is_notified() -> None:
    rooms = Rooms()
    message = rooms.find(WITH_NOA, "not taken up: Soup is on at noon.")
    people = message["content"]["m.mentions"]["user_ids"]
    assert people == ["@noa:conference.localhost"]
    people.append("@yuki:conference.localhost")
    assert wrong(rooms.judged()) == {"lost": 1, "unexpected": 1}


def test_a_reason_is_not_published() -> None:
    rooms = Rooms()
    rooms.send(BOATHOUSE, BOT, "noa: not taken up: Soup is on at noon.", wall("10:24") + SOON)
    assert wrong(rooms.judged()) == {"unexpected": 1}


@pytest.mark.parametrize("act", WRITTEN, ids=at_time)
def test_a_written_answer_is_posted(act: Write) -> None:
    rooms = Rooms()
    rooms.spoil(LOFT, act.text)
    verdict = rooms.judged()
    assert wrong(verdict) == {"lost": 1}
    assert verdict.answers_written == len(WRITTEN) - 1


def test_who_asked_without_a_name_reads_the_answer_in_the_direct_chat() -> None:
    rooms = Rooms()
    rooms.spoil(WITH_NOA, "The university")
    verdict = rooms.judged()
    assert (wrong(verdict), verdict.answers_written) == ({"lost": 1}, 1)


def test_a_speaker_who_is_written_nothing() -> None:
    verdict = Rooms(without=told("letter", WITH_MIRA)).judged()
    assert (wrong(verdict), verdict.as_json()["letters"]) == ({"lost": 1}, 0)
    letter, question = verdict.faults
    assert letter.startswith("with mira was not told: 10:30 letter, Not reached in")
    assert question == "Sail Loft: question 6 was in no list"


def test_a_direct_chat_that_never_begins() -> None:
    rooms = Rooms()
    del rooms.events[WITH_MIRA]
    rooms.deeds = [deed for deed in rooms.deeds if deed.room is not WITH_MIRA]
    faults = rooms.judged().faults
    assert any(fault.startswith("with mira was not told: 10:30 letter") for fault in faults)


# Order and votes.


def test_a_board_in_another_order() -> None:
    rooms = Rooms()
    place = place_on("10:00")
    rooms.show_board(place, [4, 3])
    fault = rooms.judged().faults[0]
    assert fault.startswith("Sail Loft should have been shown questions 3, 4: 10:00:06 Now, until")
    rooms.show_board(place, [3, 4])
    assert rooms.judged().good


def test_a_board_may_be_as_late_as_any_message() -> None:
    rooms = Rooms()
    place = place_on("10:00")
    rooms.show_board(place, [2, 3, 4])
    assert rooms.judged().boards == 7
    done = next(deed for deed in rooms.deeds if deed.act.at == "10:22")
    event = next(e for e in rooms.events[HOSTS] if e["event_id"] == done.event_id)
    for late, boards in ((LATE_AFTER + SOON, 7), (LATE_AFTER - SOON, 8)):
        event["origin_server_ts"] = round((wall("10:25") - late) * 1000)
        assert rooms.judged().boards == boards


def test_the_next_talks_board_tells_what_went_to_the_speaker() -> None:
    rooms = Rooms()
    board = rooms.find(LOFT, "Before: ")["content"]["m.new_content"]
    board["body"] = board["body"].replace("3 questions", "2 questions")
    (fault,) = rooms.judged().faults
    assert fault.startswith("Sail Loft should know that 3 questions went to the speaker: 10:25:06")


def test_the_pinned_first_line_never_changes() -> None:
    rooms = Rooms()
    rooms.edit(LOFT, rooms.pinned[place_on("10:25")], "Now, until 11:00: …", wall("10:30"))
    assert wrong(rooms.judged()) == {"unexpected": 1}


@pytest.mark.parametrize("by", [-1, 1])
def test_votes_are_counted_one_by_one(by: int) -> None:
    rooms = Rooms()
    line = rooms.find(HOSTS, "✓ 5 (3 votes) Who has the password?")
    line["content"]["body"] = line["content"]["body"].replace("5 (3 v", f"5 ({3 + by} v")
    verdict = rooms.judged()
    assert verdict.faults == [f"Boathouse: question 5 has 3 votes, and {3 + by} are counted"]
    assert (verdict.votes_expected, verdict.votes_counted) == (28, 28 + by)


def test_a_vote_that_comes_with_the_list_may_be_in_it() -> None:
    rooms = Rooms()
    letter = rooms.find(WITH_MIRA, "Not reached")
    letter["content"]["body"] = letter["content"]["body"].replace("4 (2 v", "4 (1 v")
    assert rooms.judged().votes_counted == 27
    vote = next(deed for deed in rooms.deeds if deed.act.at == "10:26:30")
    event = next(e for e in rooms.events[LOFT] if e["event_id"] == vote.event_id)
    event["origin_server_ts"] = letter["origin_server_ts"] - SOON * 1000
    verdict = rooms.judged()
    assert verdict.good
    assert (verdict.votes_expected, verdict.votes_counted) == (27, 27)


def test_a_number_that_somebody_else_had_before() -> None:
    """People may take part in the demo: the script's questions get later numbers then."""
    rooms = Rooms()
    letter = rooms.find(WITH_MIRA, "Not reached")
    letter["origin_server_ts"] = round(wall("09:50") * 1000)
    letter["content"]["body"] = letter["content"]["body"].replace("6 (0 v", "6 (3 v")
    fault = "Sail Loft: question 6 has 0 votes, and 3 are counted"
    assert fault in rooms.judged().faults


def key_of(event: dict[str, object]) -> object:
    content = event["content"]
    assert isinstance(content, dict)
    return content.get("m.relates_to", {}).get("key")


def place_on(clock: str) -> int:
    """Of the talk that begins then, in what is told."""
    return next(
        place for place, item in enumerate(sample.TOLD) if item.kind == "now" and item.at == clock
    )
