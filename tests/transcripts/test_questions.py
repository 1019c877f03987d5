"""What of the questions to a talk stands in its transcript."""

from __future__ import annotations

from fosdembot.questions import answers, lookup
from fosdembot.questions.states import Action
from fosdembot.transcripts.questions import Asked, hidden_in, read_questions
from tests.questions.hall import TALK, Hall, MakeHall

LENA, BOB, ADA = "@lena:x", "@bob:x", "@ada:x"


async def read(hall: Hall) -> Asked:
    async with hall.database.read() as session:
        return await read_questions(session, TALK)


async def answer(hall: Hall, event: str, text: str) -> None:
    async with hall.database.write() as session:
        question = await lookup.by_source(session, event)
        assert question is not None
        await answers.add(session, question, text, hall.by(ADA), "Ada")


async def test_what_was_asked_with_who_and_when(hall: Hall) -> None:
    event = await hall.ask(LENA, "How small?", name="Lena")
    await hall.vote(event, BOB, ADA)
    asked = await read(hall)
    (question,) = asked.questions
    assert (question.number, question.text, question.asker) == (1, "How small?", "Lena")
    assert (question.by, question.event, question.votes) == (LENA, event, 2)
    assert (question.state, question.taken_at, question.answered_at) == ("open", None, None)
    assert (asked.asked, asked.voted) == (1, 2)


async def test_a_nameless_question_names_nobody(hall: Hall) -> None:
    await hall.ask(LENA, "How small?", name="", direct=True)
    (question,) = (await read(hall)).questions
    assert (question.asker, question.by, question.event) == ("", None, None)
    assert LENA not in question.model_dump_json()


async def test_of_a_relay_only_the_name_is_kept(hall: Hall) -> None:
    await hall.ask("@relay:x", "How small?", name="nick", relayed=True)
    (question,) = (await read(hall)).questions
    assert (question.asker, question.by) == ("nick", None)


async def test_those_that_were_taken_come_first_in_that_order(hall: Hall) -> None:
    events = [await hall.ask(f"@p{n}:x", f"Question {n}?") for n in range(4)]
    await hall.vote(events[3], BOB)
    await hall.act(events[2], Action.TAKE, Action.DONE)
    await hall.act(events[1], Action.TAKE)
    questions = (await read(hall)).questions
    assert [question.number for question in questions] == [3, 2, 4, 1]
    assert [question.state for question in questions] == ["answered", "answering", "open", "open"]
    assert questions[0].taken_at is not None
    assert questions[0].answered_at is not None
    assert questions[0].taken_at < questions[0].answered_at


async def test_what_nobody_may_read_is_not_there(hall: Hall, make_hall: MakeHall) -> None:
    kept = await hall.ask(LENA, "Kept?")
    await hall.act(await hall.ask(BOB, "Rude!"), Action.DISMISS)
    await hall.act(await hall.ask(BOB, "Read aloud"), Action.TAKE, Action.DISMISS)
    await hall.act(await hall.ask(ADA, "Never mind"), Action.WITHDRAW)
    await hall.redact(await hall.ask("@carol:x", "Redacted"))
    moderated = make_hall(moderated=True)
    moderated.by = hall.by  # type: ignore[method-assign]  # its events are numbered on
    await moderated.ask("@dave:x", "Not looked at yet")
    await hall.ask("@erin:x", "Another talk's", talk="two")
    asked = await read(hall)
    assert [question.event for question in asked.questions] == [kept]
    assert [question.text for question in asked.unpublished] == ["Read aloud"]


async def test_of_a_redacted_one_that_was_taken_the_moment_is_known(hall: Hall) -> None:
    """It may have been read aloud."""
    event = await hall.ask(LENA, "Regretted?")
    await hall.act(event, Action.TAKE, Action.DONE)
    await hall.redact(event)
    asked = await read(hall)
    assert asked.questions == ()
    assert [(each.number, each.text) for each in asked.unpublished] == [(1, "")]


async def test_merged_ones_stand_under_the_one_they_became_part_of(hall: Hall) -> None:
    one = await hall.ask(LENA, "How small?", name="Lena")
    other = await hall.ask(BOB, "What size?", name="Bob")
    third = await hall.ask(ADA, "Size?", name="Ada")
    await hall.merge(third, other)
    await hall.merge(other, one)
    await answer(hall, other, "4 kB")
    (question,) = (await read(hall)).questions
    assert question.event == one
    assert [(m.number, m.text, m.asker) for m in question.merged] == [
        (2, "What size?", "Bob"),
        (3, "Size?", "Ada"),
    ]
    assert [(a.text, a.author, a.by) for a in question.answers] == [("4 kB", "Ada", ADA)]


async def test_what_a_dismissed_one_took_in_goes_with_it(hall: Hall) -> None:
    one, other = await hall.ask(LENA), await hall.ask(BOB, "What size?")
    await hall.merge(other, one)
    await hall.act(one, Action.DISMISS)
    assert (await read(hall)).questions == ()
    async with hall.database.read() as session:
        hidden = await hidden_in(session, None, TALK)
    assert {each.event for each in hidden} == {one, other}


async def test_a_redacted_answer_is_gone(hall: Hall) -> None:
    event = await hall.ask(LENA)
    await answer(hall, event, "4 kB")
    async with hall.database.write() as session:
        question = await lookup.by_source(session, event)
        assert question is not None
        (written,) = await answers.to(session, question)
        answers.redact(written)
    assert (await read(hall)).questions[0].answers == ()
