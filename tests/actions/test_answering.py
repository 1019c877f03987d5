"""Questions are answered in writing, by any face, and remarks become answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import Change, QuestionsChanged
from fosdembot.db.question_tables import Answer, Question
from fosdembot.questions import answers, lookup
from fosdembot.questions.answers import MOST
from fosdembot.questions.events import Answered, AnswerReworded, AnswerTakenBack
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action

from .house import ADA, BOB, MODERATOR, ROOM_ID, SPEAKER, TINY, House


def refuses(
    why: Denial | Refusal, permission: Permission | None = None
) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(
        Refused, check=lambda err: err.why is why and err.permission is permission
    )


class Floor:
    """A house in which one question was asked, number 1."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def question(self, number: int = 1) -> Question:
        async with self.house.database.read() as session:
            question = await lookup.by_number(session, ROOM_ID, number)
            assert question is not None
            return question

    async def written(self, number: int = 1) -> list[str]:
        async with self.house.database.read() as session:
            question = await session.get_one(Question, (await self.question(number)).id)
            return [answer.text for answer in await answers.to(session, question)]

    async def answer(
        self,
        text: str = "4 kB",
        person: str = SPEAKER,
        number: int = 1,
        *,
        afterwards: bool = False,
    ) -> Actor:
        actor = self.house.actor(person, "web")
        async with self.house.database.write() as session:
            question = await lookup.by_number(session, ROOM_ID, number)
            assert question is not None
            actions = self.house.answers
            act = actions.answer_afterwards if afterwards else actions.answer
            await act(session, actor, question, text, person[1:4])
        return actor

    async def reply(
        self,
        text: str = "4 kB",
        person: str = MODERATOR,
        *,
        says_so: bool = False,
        relayed: bool = False,
    ) -> str | None:
        """Returns the cause of an answer, or of a remark."""
        actor = replace(self.house.actor(person), relayed=relayed)
        async with self.house.database.write() as session:
            question = await lookup.by_number(session, ROOM_ID, 1)
            assert question is not None
            answer = await self.house.answers.reply(
                session, actor, question, ROOM_ID, text, "x", says_so=says_so
            )
            return answer.cause if answer is not None else None

    async def mark(self, cause: str | None, person: str = MODERATOR) -> bool:
        async with self.house.database.write() as session:
            answer = await self._row(session, cause)
            return await self.house.answers.mark(session, self.house.actor(person), answer)

    async def unmark(self, cause: str | None) -> None:
        async with self.house.database.write() as session:
            answer = await self._row(session, cause)
            await self.house.answers.redact_mark(session, self.house.actor(), answer)

    async def edit(
        self, cause: str | None, text: str, person: str = MODERATOR, *, says_so: bool = False
    ) -> None:
        async with self.house.database.write() as session:
            actor, answer = self.house.actor(person), await self._row(session, cause)
            await self.house.answers.edit(session, actor, answer, text, says_so=says_so)

    async def redact(self, cause: str | None) -> None:
        async with self.house.database.write() as session:
            await self.house.answers.redact(session, self.house.actor(), cause or "")

    async def decide(self, action: Action) -> None:
        async with self.house.database.write() as session:
            question = await lookup.by_number(session, ROOM_ID, 1)
            assert question is not None
            await self.house.desk.act(session, question, action, self.house.actor().by)

    async def _row(self, session: AsyncSession, cause: str | None) -> Answer:
        answer = await answers.by_cause(session, cause or "")
        assert answer is not None
        return answer


@pytest.fixture
async def floor(house: House) -> Floor:
    await house.ask("How small can it get?")
    house.told.clear()
    return Floor(house)


# In the room.


@pytest.mark.parametrize("person", [SPEAKER, MODERATOR])
async def test_speakers_and_moderators_answer(floor: Floor, person: str) -> None:
    actor = await floor.answer(person=person)
    assert await floor.written() == ["4 kB"]
    assert await floor.house.states() == ["open"], "a moderator closes it"
    [event] = floor.house.told
    assert isinstance(event, Answered)
    assert (event.answer.cause, event.post) == (actor.cause, False)


async def test_nobody_else_does(floor: Floor) -> None:
    with refuses(Denial.NOT_ALLOWED, Permission.ANSWER):
        await floor.answer(person=ADA)
    with refuses(Denial.NOT_ALLOWED, Permission.DONE):
        await floor.answer(person=ADA, afterwards=True)
    assert await floor.reply(person=ADA, says_so=True) is None
    assert await floor.reply(says_so=True, relayed=True) is None
    assert await floor.written() == []
    assert floor.house.told == []


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize("action", [Action.DISMISS, Action.WITHDRAW])
async def test_what_is_gone_has_no_answers(floor: Floor, action: Action, afterwards: bool) -> None:
    remark = await floor.reply()
    await floor.decide(action)
    with refuses(Refusal.STATE):
        await floor.answer(person=MODERATOR, afterwards=afterwards)
    assert await floor.reply(says_so=True) is None
    assert not await floor.mark(remark)
    assert await floor.written() == []


@pytest.mark.parametrize("afterwards", [False, True])
async def test_an_answer_says_something(floor: Floor, afterwards: bool) -> None:
    for text in ("", " \n", "\u3164"):
        with refuses(Denial.ANSWER_EMPTY):
            await floor.answer(text, afterwards=afterwards)
    assert await floor.house.states() == ["open"]


@pytest.mark.parametrize("afterwards", [False, True])
async def test_there_is_an_end_to_answers(floor: Floor, afterwards: bool) -> None:
    for count in range(MOST):
        await floor.answer(f"{count} kB")
    with pytest.RaisesExc(
        Refused, check=lambda err: (err.why, err.number) == (Denial.ANSWERS_FULL, MOST)
    ):
        await floor.answer(afterwards=afterwards)
    assert len(await floor.written()) == MOST
    assert await floor.house.states() == ["open"]


async def test_remarks_leave_room_for_answers(floor: Floor) -> None:
    for number in range(MOST + 5):
        await floor.reply(f"hm {number}")
    assert await floor.reply("4 kB", says_so=True)
    assert await floor.written() == ["4 kB"]


# Afterwards.


async def test_an_answer_afterwards_is_posted_and_closes_the_question(floor: Floor) -> None:
    actor = await floor.answer(afterwards=True)
    assert await floor.house.states() == ["answered"]
    [event] = floor.house.told
    assert isinstance(event, Answered)
    assert event.post
    await floor.redact(actor.cause)
    assert await floor.house.states() == ["open"], "it waits as before"
    assert await floor.written() == []


async def test_it_waits_again_only_once_no_answer_is_left(floor: Floor) -> None:
    first, second = [await floor.answer(text, afterwards=True) for text in ("4 MB", "4 kB")]
    await floor.redact(first.cause)
    assert await floor.house.states() == ["answered"]
    await floor.redact(second.cause)
    assert await floor.house.states() == ["open"]


async def test_what_is_told_goes_with_what_is_kept(floor: Floor) -> None:
    """A crash between the two leaves neither the answer nor a closed question."""

    async def fails(*_: object) -> None:
        raise RuntimeError

    floor.house.hears = fails
    with pytest.raises(RuntimeError):
        await floor.answer(afterwards=True)
    assert await floor.written() == []
    assert await floor.house.states() == ["open"]


async def test_an_answer_counts_for_what_its_question_was_merged_into(floor: Floor) -> None:
    house = floor.house
    await house.ask("How tiny is it?")
    async with house.database.write() as session:
        first, second = [await lookup.by_number(session, ROOM_ID, n) for n in (1, 2)]
        assert first is not None
        assert second is not None
        await house.desk.merge(session, second, first, house.actor().by)
    house.told.clear()
    await floor.answer(number=2, afterwards=True)
    assert await floor.written() == ["4 kB"]
    assert await house.states() == ["answered", "merged"]
    [event] = house.told
    assert isinstance(event, Answered)
    assert event.question.number == 1


# What is an answer, and what is chat.


async def test_what_the_speaker_replies_is_an_answer_and_a_moderator_s_remark_is_none(
    floor: Floor,
) -> None:
    assert await floor.reply("haha")
    assert await floor.written() == []
    assert floor.house.told == []
    assert await floor.reply("It is 4 kB", SPEAKER)
    assert await floor.reply("Or 5", says_so=True)
    assert await floor.written() == ["It is 4 kB", "Or 5"]
    assert [type(event) for event in floor.house.told] == [Answered, Answered]


async def test_nobody_answers_themselves(floor: Floor) -> None:
    asker = (await floor.question()).asker
    assert asker is not None
    async with floor.house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        question.asker = SPEAKER
    assert await floor.reply("I mean in bytes.", SPEAKER) is None


async def test_a_moderator_makes_an_answer_of_a_remark_and_takes_that_back(floor: Floor) -> None:
    remark = await floor.reply()
    for person in (ADA, BOB, SPEAKER):
        with refuses(Denial.NOT_ALLOWED, Permission.MARK_AS_ANSWER):
            await floor.mark(remark, person)
    assert await floor.written() == []
    assert await floor.mark(remark)
    assert not await floor.mark(remark), "it is one already"
    assert await floor.written() == ["4 kB"]
    await floor.unmark(remark)
    assert await floor.written() == []
    assert [type(event) for event in floor.house.told] == [Answered, AnswerTakenBack]
    await floor.redact(remark)
    assert not await floor.mark(remark), "nothing is left of it"


# Who shows the questions of a talk.


async def test_whoever_shows_the_talk_s_questions_hears_of_its_answers(floor: Floor) -> None:
    heard: list[Change] = []
    floor.house.changes.subscribe(heard.append, QuestionsChanged)

    def heard_since() -> list[Change]:
        found = list(heard)
        heard.clear()
        return found

    once = [QuestionsChanged(frozenset({TINY.guid}))]
    assert await floor.reply("haha") is not None
    assert heard_since() == [], "a remark is shown nowhere"
    answer = await floor.answer("4 MB")
    assert heard_since() == once
    await floor.edit(answer.cause, "4 kB", SPEAKER)
    assert heard_since() == once
    await floor.redact(answer.cause)
    assert heard_since() == once
    remark = await floor.reply("5 kB")
    await floor.mark(remark)
    assert heard_since() == once
    await floor.unmark(remark)
    assert heard_since() == once


# Edited.


async def test_an_answer_follows_its_message(floor: Floor) -> None:
    answer = await floor.reply("4 MB", SPEAKER)
    await floor.edit(answer, "4 kB", SPEAKER)
    assert await floor.written() == ["4 kB"]
    await floor.edit(answer, " ", SPEAKER)
    assert await floor.written() == ["4 kB"]
    assert [type(event) for event in floor.house.told] == [Answered, AnswerReworded]
    await floor.redact(answer)
    await floor.edit(answer, "5 kB", SPEAKER)
    assert await floor.written() == []


async def test_nobody_says_it_for_its_author(floor: Floor) -> None:
    said = await floor.reply("4 MB", SPEAKER)
    for person in (ADA, MODERATOR):
        with refuses(Denial.NOT_ALLOWED, Permission.ANSWER):
            await floor.edit(said, "4 kB", person)
        for change in (floor.house.answers.take_back, floor.house.answers.remove):
            async with floor.house.database.write() as session:
                answer = await answers.by_cause(session, said or "")
                assert answer is not None
                with refuses(Denial.NOT_ALLOWED, Permission.ANSWER):
                    await change(session, floor.house.actor(person), answer)
    assert await floor.written() == ["4 MB"]


async def test_its_words_make_an_answer_of_it_or_none(floor: Floor) -> None:
    said = await floor.reply("5 MB", says_so=True)
    await floor.edit(said, "5 kB", says_so=True)
    assert await floor.written() == ["5 kB"]
    await floor.edit(said, "haha")
    assert await floor.written() == [], "it is chat now"
    await floor.edit(said, "6 kB", says_so=True)
    assert await floor.written() == ["6 kB"]
    remark = await floor.reply("7 MB")
    await floor.mark(remark)
    await floor.edit(remark, "7 kB")
    assert await floor.written() == ["6 kB", "7 kB"], "its mark stands"


async def test_what_another_talk_s_speaker_replies_is_none(floor: Floor) -> None:
    await floor.house.ask("How big?", talk="big")
    async with floor.house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 2)
        assert question is not None
        assert question.talk != TINY.guid
        answer = await floor.house.answers.reply(
            session, floor.house.actor(SPEAKER), question, ROOM_ID, "4 kB", "x", says_so=True
        )
    assert answer is None
