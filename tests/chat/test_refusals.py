"""Whatever is refused, chat has words for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.chat.meant.room import Found
from fosdembot.chat.refusals import Refusals, Typed
from fosdembot.db.question_tables import Question
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import State
from fosdembot.talks import delays
from fosdembot.talks.slots import AudienceSlot, Slot
from tests.talks.programme import talk

TINY = talk("tiny", "10:00")
SLOT = Slot(TINY, TINY.start, TINY.end)
NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
REFUSALS = Refusals("!", 500)


def question(state: State = State.OPEN) -> Question:
    return Question(id=1, number=12, state=state, skipped=False, text="How small?", asked_at=NOW)


@pytest.mark.parametrize(("why", "state"), product([*Refusal], [*State]))
def test_all_that_the_desk_refuses_is_worded(why: Refusal, state: State) -> None:
    said = REFUSALS.say(Refused(why, question=question(state), number=3)).plain
    assert said
    assert "{" not in said


@pytest.mark.parametrize("why", [*Denial, *delays.Refusal])
def test_all_else_that_is_refused_is_worded(why: Denial | delays.Refusal) -> None:
    refused = Refused(
        why,
        question=question(),
        permission=Permission.TAKE,
        number=3,
        slot=SLOT,
        slots=[SLOT],
        state=State.DISMISSED,
    )
    said = REFUSALS.say(refused).plain
    assert said
    assert "{" not in said


def test_no_two_reasons_are_the_same_word() -> None:
    """Enums of strings are equal where their values are."""
    reasons = [str(why) for why in (*Denial, *Refusal, *delays.Refusal)]
    assert len(set(reasons)) == len(reasons)


def test_a_talk_is_named_as_it_can_be_typed_there() -> None:
    """Elsewhere than in its room, with the room's name."""
    refused = Refused(delays.Refusal.OVER, slot=SLOT)
    typed = Typed("talk", Found("#kernel:example.org", "delay 10", "kern"))
    assert REFUSALS.say(refused).plain.endswith("!talk now tiny")
    assert REFUSALS.say(refused, typed=typed).plain.endswith("!talk kern now tiny")


def test_which_talk_is_meant_is_asked_with_the_command_as_it_was_typed() -> None:
    refused = Refused(Denial.WHICH_TALK, slots=[SLOT])
    typed = Typed("talk", Found("#kernel:example.org", "delay 10", "kern"))
    said = REFUSALS.say(refused, typed=typed).plain
    assert said == 'Which talk? Add its ID, like !talk kern delay 10 tiny: tiny "Talk tiny"'


def test_several_talks_are_listed_with_an_example() -> None:
    slots = [
        AudienceSlot(Slot(talk(id_, NOW, title=title), NOW, NOW + timedelta(minutes=25)))
        for id_, title in (("12", "Tiny kernels"), ("13", "Small clouds"))
    ]
    assert REFUSALS.say(Refused(Denial.NAME_THE_TALK, slots=slots)).plain == (
        "More than one talk is on here. Name yours, like !ask 12: How small can it get? "
        'They are: 12 "Tiny kernels", 13 "Small clouds"'
    )


def test_who_names_a_talk_of_another_room_is_told_what_to_do() -> None:
    assert REFUSALS.say(Refused(Denial.NO_SUCH_TALK)).plain == (
        "That talk does not take place here. !schedule lists those that do; or ask without "
        "naming one."
    )


def test_once_voters_are_forgotten_it_is_said_that_counts_are_final() -> None:
    refused = Refused(Denial.VOTES_FINAL, question=question())
    assert REFUSALS.say(refused).plain == (
        "The conference is over: the votes for question 12 are final."
    )


def test_when_the_own_question_can_be_moved_is_said() -> None:
    assert "for ten minutes after asking" in REFUSALS.say(Refused(Denial.TOO_LATE)).plain
    assert "No talk comes after" in REFUSALS.say(Refused(Denial.NO_NEXT_TALK)).plain


def test_too_many_and_asked_already_say_which_and_what_to_do() -> None:
    many = REFUSALS.say(Refused(Refusal.TOO_MANY, number=5)).plain
    assert "You have 5 questions waiting" in many
    assert "!withdraw" in many
    assert "it is question 1" in REFUSALS.say(Refused(Refusal.ASKED_ALREADY, number=1)).plain


def test_where_none_are_taken_one_can_still_vote() -> None:
    assert "No more questions" in REFUSALS.say(Refused(Refusal.CLOSED)).plain


def test_a_closed_question_is_said_to_be_what_it_counts_for() -> None:
    why = Denial.NO_VOTES
    refused = Refused(why, question=question(State.MERGED), state=State.DISMISSED)
    assert REFUSALS.say(refused).plain == "Question 12 is dismissed: it takes no votes."


@pytest.mark.parametrize("permission", Permission)
def test_who_may_is_worded(permission: Permission) -> None:
    refused = Refused(Denial.NOT_ALLOWED, permission=permission, question=question())
    assert REFUSALS.say(refused).plain


def test_who_may_not_name_a_speaker_is_told_how_to_say_that_they_are_one() -> None:
    refused = Refused(Denial.NOT_ALLOWED, permission=Permission.NAME_SPEAKER)
    assert REFUSALS.say(refused).plain.endswith("Is it you? Then type !talk speaker")


def test_an_answer_that_says_nothing_is_told_how_to_type_it_there() -> None:
    refused = Refused(Denial.ANSWER_EMPTY, question=question())
    assert "12: It is 4 kB" in REFUSALS.say(refused).plain
    assert "!answer It is 4 kB" in REFUSALS.say(refused, command="answer").plain


def test_answers_are_counted() -> None:
    refused = Refused(Denial.ANSWERS_FULL, question=question(), number=20)
    assert REFUSALS.say(refused).plain == "Question 12 has 20 answers already."


def test_too_many_speakers_are_counted() -> None:
    said = REFUSALS.say(Refused(Denial.SPEAKERS_FULL, slot=SLOT, number=10)).plain
    assert said == '"Talk tiny" has 10 of those already. Moderators can remove some.'


def test_of_a_relay_s_question_it_is_said_why_nobody_takes_it_back() -> None:
    refused = Refused(Denial.NOT_ALLOWED, permission=Permission.WITHDRAW, question=question())
    assert REFUSALS.say(refused, relayed=True) != REFUSALS.say(refused)


def test_what_a_moderator_can_open_again_is_said_so() -> None:
    stands, closed = [
        REFUSALS.say(Refused(Refusal.STATE, question=question(state))).plain
        for state in (State.WITHDRAWN, State.DISMISSED)
    ]
    assert "!restore" in closed
    assert "!restore" not in stands


def test_the_command_is_named_as_it_was_typed() -> None:
    assert "!anon" in REFUSALS.say(Refused(Refusal.EMPTY), command="anon").plain


@pytest.mark.parametrize("sees_edits", [True, False])
def test_too_long_says_by_how_much(sees_edits: bool) -> None:
    said = REFUSALS.say(Refused(Refusal.TOO_LONG, number=731), sees_edits=sees_edits).plain
    assert "731" in said
    assert "500" in said
