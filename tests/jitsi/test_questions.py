"""Which questions a meeting is shown, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.conference.meeting_lines import LONGEST_LINE, question_text
from fosdembot.jitsi.telling import question_line
from fosdembot.questions.states import Action, State
from fosdembot.questions.views import QuestionView
from fosdembot.texts import meetings as texts

from .hall import DURING, PROGRAMME, QA, Hall


async def test_before_the_qa_no_question_is_shown(hall: Hall) -> None:
    await hall.ask("How small?")
    hall.at(DURING + 2)
    assert await hall.look() == []


async def test_one_that_is_taken_is_shown_at_any_time_of_the_talk(hall: Hall) -> None:
    await hall.ask("How small?", "How big?")
    hall.at(DURING + 2)
    await hall.act(2, Action.TAKE)
    assert await hall.look() == ["Now: 2 (0 votes): How big? – Bob"]
    await hall.act(2, Action.DONE)
    assert await hall.look() == []


async def test_the_first_question_of_a_qa_that_began_without_any(hall: Hall) -> None:
    hall.at(QA)
    assert await hall.look() == [f"Questions now, until 10:25. {texts.QA_NONE}"]
    await hall.ask("How small?")
    assert await hall.look() == ["First: 1 (0 votes): How small? – Bob"]


async def test_where_no_questions_are_taken_nobody_is_promised_one(hall: Hall) -> None:
    hall.at(QA)
    await hall.command("!qa close")
    assert await hall.look() == ["Questions now, until 10:25."]


async def test_a_qa_that_begins_while_one_is_answered_does_not_repeat_it(hall: Hall) -> None:
    hall.at(DURING + 2)
    await hall.ask("How small?", "How big?")
    await hall.act(1, Action.TAKE)
    await hall.look()
    hall.at(QA)
    assert await hall.look() == ["Questions now, until 10:25. 2 questions wait."]
    assert await hall.look() == []


@pytest.mark.parametrize("action", [Action.DONE, Action.SKIP, Action.DISMISS, Action.WITHDRAW])
async def test_after_one_that_is_gone_comes_the_next(qa: Hall, action: Action) -> None:
    await qa.act(1, action)
    assert await qa.look() == ["Next: 2 (0 votes): How big? – Bob"]


async def test_one_that_is_taken_in_the_room_is_shown_at_once(qa: Hall) -> None:
    await qa.act(3, Action.TAKE)
    assert await qa.look() == ["Now: 3 (0 votes): Why? – Bob"]
    await qa.act(2, Action.TAKE)
    assert await qa.look() == ["Now: 2 (0 votes): How big? – Bob"]


async def test_that_the_one_on_show_is_taken_is_said_too(qa: Hall) -> None:
    await qa.act(1, Action.TAKE)
    assert await qa.look() == ["Now: 1 (0 votes): How small? – Bob"]
    assert await qa.look() == []


async def test_after_the_last_one_it_is_said_once_that_no_more_wait(qa: Hall) -> None:
    for number in (1, 2, 3):
        await qa.act(number, Action.DONE)
    assert await qa.look() == [texts.NO_MORE]
    assert await qa.look() == []
    await qa.ask("And now?")
    assert await qa.look() == ["Next: 4 (0 votes): And now? – Bob"]
    await qa.act(4, Action.DONE)
    assert await qa.look() == [texts.NO_MORE]


async def test_a_new_number_one_is_shown_once_a_minute(qa: Hall) -> None:
    await qa.vote(2)
    assert await qa.look() == []
    await qa.vote(3, 2)
    qa.at(QA + 1)
    assert await qa.look() == ["Now on top: 3 (2 votes): Why? – Bob"]
    await qa.vote(2, 5)
    qa.later(0.9)
    assert await qa.look() == []
    qa.later(0.1)
    assert await qa.look() == ["Now on top: 2 (6 votes): How big? – Bob"]


async def test_votes_for_the_one_on_show_say_nothing(qa: Hall) -> None:
    await qa.vote(1, 10)
    qa.later(2)
    assert [said for said in await qa.look() if "How" in said] == []


async def test_while_one_is_answered_no_other_is_shown(qa: Hall) -> None:
    await qa.act(1, Action.TAKE)
    await qa.look()
    await qa.vote(2, 5)
    qa.later(2)
    assert await qa.look() == []


async def test_what_is_on_top_for_a_moment_is_not_shown(qa: Hall) -> None:
    qa.later(1)
    await qa.vote(2)
    await qa.put()
    await qa.vote(3, 2)
    assert await qa.look() == ["Now on top: 3 (2 votes): Why? – Bob"]
    await qa.vote(2, 2)
    assert await qa.look() == []


async def test_after_the_time_is_over_only_what_is_taken_is_shown(hall: Hall) -> None:
    await hall.stage.publish(PROGRAMME[0])
    await hall.ask("How small?", "How big?", "Why?")
    hall.at(84.5)
    await hall.look()
    hall.at(85)
    await hall.act(1, Action.DONE)
    assert await hall.look() == ["Time is over."]
    await hall.act(3, Action.TAKE)
    assert await hall.look() == ["Now: 3 (0 votes): Why? – Bob"]


async def test_one_that_was_asked_without_a_name_is_shown_without(hall: Hall) -> None:
    hall.at(QA)
    await hall.ask("Who pays?", name="")
    [said] = await hall.look()
    assert said.endswith("1 question waits. First: 1 (0 votes): Who pays?")


async def test_a_question_that_goes_to_another_talk_leaves_this_one(qa: Hall) -> None:
    await qa.move(1, talk=2)
    assert await qa.look() == ["Next: 2 (0 votes): How big? – Bob"]


async def test_a_question_that_is_merged_gives_way(qa: Hall) -> None:
    await qa.act(1, into=3)
    assert await qa.look() == ["Next: 2 (0 votes): How big? – Bob"]


async def test_the_questions_of_the_talk_before_are_not_shown_to_the_next(qa: Hall) -> None:
    qa.at(105)
    assert await qa.look() == [f"Questions now, until 10:50. {texts.QA_NONE}"]
    await qa.ask("Bigger?", talk=2)
    await qa.act(2, Action.TAKE)
    assert await qa.look() == ["First: 4 (0 votes): Bigger? – Bob"]


# What may not be read any more.


@pytest.mark.parametrize("action", [Action.DISMISS, Action.WITHDRAW])
async def test_one_that_is_hidden_before_it_is_said_is_never_said(qa: Hall, action: Action) -> None:
    await qa.act(1, Action.DONE)
    await qa.put()
    await qa.act(2, action)
    assert await qa.look() == ["Next: 3 (0 votes): Why? – Bob"]
    assert not [row for row in await qa.rows() if "How big?" in row.body]


@pytest.mark.parametrize("action", [Action.DISMISS, Action.WITHDRAW])
async def test_one_that_is_hidden_is_retracted_everywhere(qa: Hall, action: Action) -> None:
    await qa.hears("!top")
    await qa.act(1, action)
    await qa.look()
    assert not [text for text in qa.meeting.readable if "How small?" in text]
    assert not [row for row in await qa.rows() if "How small?" in row.body]


async def test_one_that_is_redacted_is_retracted_wherever_it_was_shown(qa: Hall) -> None:
    await qa.act(1, Action.TAKE)
    await qa.look()
    await qa.act(1, Action.DONE)
    await qa.look()
    await qa.redact(1)
    assert await qa.look() == []
    assert not [text for text in qa.meeting.readable if "How small?" in text]
    assert len(qa.meeting.retracted) == 2


async def test_what_was_said_to_one_person_is_retracted_for_them(qa: Hall) -> None:
    qa.later(1)
    await qa.hears("!top", is_private=True)
    await qa.redact(1)
    await qa.look()
    assert qa.meeting.id_of("1 (0 votes)") in qa.meeting.retracted


async def test_where_the_server_retracts_nothing_it_is_tried_once(qa: Hall) -> None:
    tried = []

    def refuses(text: str) -> bool:
        tried.append(text)
        return text == "retract"

    qa.meeting.refuses = refuses
    await qa.act(1, Action.DISMISS)
    await qa.look()
    await qa.restart()
    await qa.look()
    assert tried.count("retract") == 1
    assert qa.meeting.said.count("Next: 2 (0 votes): How big? – Bob") == 1


async def test_one_that_is_restored_is_shown_again(qa: Hall) -> None:
    await qa.act(1, Action.DISMISS)
    await qa.look()
    for number in (2, 3):
        await qa.act(number, Action.DONE)
    await qa.look()
    await qa.act(1, Action.RESTORE)
    assert await qa.look() == ["Next: 1 (0 votes): How small? – Bob"]


async def test_one_that_is_restored_before_anything_else_was_shown(hall: Hall) -> None:
    hall.at(QA)
    await hall.ask("How small?")
    await hall.put()
    await hall.act(1, Action.DISMISS)
    await hall.act(1, Action.RESTORE)
    [said] = await hall.look()
    assert said.endswith("First: 1 (0 votes): How small? – Bob")


async def test_one_that_goes_back_to_a_moderator_is_taken_back(hall: Hall) -> None:
    await hall.ask("How small?", "How big?")
    hall.at(QA)
    await hall.look()
    await hall.command("!qa moderated")
    await hall.edit(1, "How rude?")
    assert await hall.look() == ["Next: 2 (0 votes): How big? – Bob"]
    assert not [text for text in hall.meeting.readable if "How small?" in text]


async def test_new_words_take_the_place_of_the_old_ones_at_most_once_a_minute(qa: Hall) -> None:
    await qa.edit(1, "How tiny?")
    assert await qa.look() == []
    assert qa.meeting.readable == []
    await qa.edit(1, "How very tiny?")
    qa.at(QA + 1)
    assert await qa.look() == ["Again: 1 (0 votes): How very tiny? – Bob"]
    await qa.edit(1, "How extremely tiny?")
    assert await qa.look() == []


@pytest.mark.parametrize("text", ["How", "How small", "small?", "all? – Bob"])
async def test_words_that_are_taken_out_are_gone_though_others_are_left(
    qa: Hall, text: str
) -> None:
    await qa.edit(1, text)
    await qa.look()
    assert not [said for said in qa.meeting.readable if "How small?" in said]
    assert not [row for row in await qa.rows() if "How small?" in row.body]


@pytest.mark.parametrize("text", ["How? – Bob", "Why @room @ROOM?", "!", "@room" * 80])
@pytest.mark.parametrize("name", ["Bob", "", "@room" * 30])
async def test_what_says_the_same_still_is_not_taken_back(qa: Hall, text: str, name: str) -> None:
    await qa.ask(text, name=name)
    await qa.act(4, Action.STAR)
    qa.later(1)
    await qa.look()
    [top] = await qa.hears("!top")
    assert top.endswith((" 3 more questions wait.", "…"))
    await qa.act(4, Action.TAKE, Action.DONE)
    await qa.look()
    assert qa.meeting.retracted == []
    assert len([row for row in await qa.rows() if row.question_id == 4 and row.body]) >= 2


async def test_new_words_of_one_that_is_not_on_show_are_not_said(qa: Hall) -> None:
    await qa.edit(3, "Why not?")
    qa.later(2)
    assert [said for said in await qa.look() if "Why" in said] == []


async def test_what_was_said_yesterday_is_not_taken_back_today(qa: Hall) -> None:
    qa.later(24 * 60)
    await qa.redact(1)
    await qa.look()
    assert qa.meeting.retracted == []


# What people write is hostile.

VIEWS = st.builds(
    QuestionView,
    id=st.just(1),
    number=st.integers(1, 10**6),
    text=st.text(min_size=1, max_size=1000) | st.sampled_from(["@room" * 200, "e\u0301" * 500]),
    asker=st.text(max_size=200) | st.just("@room" * 30),
    votes=st.integers(0, 10**6),
    state=st.just(State.OPEN),
)


@given(VIEWS)
def test_a_question_and_all_that_is_said_beside_it_fit_into_a_line(view: QuestionView) -> None:
    beside = "Questions now, until Sun 14 Feb 10:25. 1,234,567 questions wait. First: "
    text = question_line(view).plain
    assert len(beside) + len(text) <= LONGEST_LINE or "@\u200b" in text
    assert question_text(view.text) in text


async def test_no_title_name_or_question_breaks_a_line(hall: Hall) -> None:
    evil = "\x00\x1b[31m\u202e@room <b> & \ufffe\n" + "ä" * 200 + "@room" * 40
    hall.at(QA)
    await hall.ask(evil, name="\x07@room\u202e" + "x" * 500)
    [said] = await hall.look()
    assert len(said) <= LONGEST_LINE
    assert not [c for c in said if not c.isprintable() and c != "\u200b"]
