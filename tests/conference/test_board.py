"""The pinned message shows the best questions (see `hall.py` for the talks)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from fosdembot.db.question_tables import Board, Letter, Question
from fosdembot.db.tables import TalkRow
from fosdembot.questions.states import Action
from simulation.conference import Planned
from tests.stage import KERNEL, MODERATOR, MakeStage, Stage, talks

from .hall import (
    BIG,
    SECOND,
    TINY,
    Audience,
    board,
    listening,
    look,
    numbers,
    open_audience,
    open_hall,
    outbox_rows,
    row,
)

# What it shows.


async def test_what_was_asked_before_the_talk_is_its_first_edit(hall: Stage) -> None:
    audience = Audience(hall)
    first, _ = await audience.ask("How small?", "How big?")
    await audience.vote(first, 2)
    now, edit = await hall.tell(60)
    assert (now.kind, edit.kind) == ("message", "edit")
    assert now.body.split("\n")[2:] == ["2 questions: !questions"]
    assert [line for line in edit.body.split("\n")[2:] if line] == [
        "1 (2 votes) How small? – Bob",
        "2 (0 votes) How big? – Bob",
    ]
    assert await look(hall, 61) == []


async def test_a_question_appears_at_once(audience: Audience) -> None:
    await audience.ask("How small?")
    assert await board(audience.stage) == ["1 (0 votes) How small? – Bob"]


async def test_its_head_stays_as_it_was(audience: Audience) -> None:
    [before] = [s for s in await audience.stage.outbox(KERNEL) if s.key.startswith("now/")]
    await audience.ask("How small?")
    [edit] = await look(audience.stage)
    assert edit.body.split("\n")[:2] == before.body.split("\n")[:2]


async def test_another_order_shows_with_the_votes_of_that_moment(audience: Audience) -> None:
    first, second = await audience.ask("How small?", "How big?")
    await board(audience.stage)
    await audience.vote(second, 3)
    await audience.vote(first, 2)
    assert await board(audience.stage, 62) == [
        "2 (3 votes) How big? – Bob",
        "1 (2 votes) How small? – Bob",
    ]


async def test_votes_that_change_no_order_are_not_worth_an_edit(audience: Audience) -> None:
    first, _ = await audience.ask("How small?", "How big?")
    await board(audience.stage)
    await audience.vote(first, 5)
    assert await board(audience.stage, 62) == []
    assert (await row(audience.stage)).edits == 1


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        (Action.STAR, ["★ next: 2 (0 votes) How big? – Bob", "1 (0 votes) How small? – Bob"]),
        (Action.TAKE, ["▶ now: 2 (0 votes) How big? – Bob", "1 (0 votes) How small? – Bob"]),
        (Action.DISMISS, ["1 (0 votes) How small? – Bob"]),
        (Action.DONE, ["1 (0 votes) How small? – Bob"]),
        (Action.SKIP, []),
    ],
)
async def test_another_state_shows(audience: Audience, action: Action, shown: list[str]) -> None:
    _, second = await audience.ask("How small?", "How big?")
    await board(audience.stage)
    await audience.act(second, action)
    assert await board(audience.stage, 62) == shown


async def test_another_text_shows(audience: Audience) -> None:
    [question] = await audience.ask("How small?")
    await board(audience.stage)
    await audience.edit(question, "How tiny?")
    assert await board(audience.stage, 62) == ["1 (0 votes) How tiny? – Bob"]


async def test_that_no_more_are_taken_shows(audience: Audience) -> None:
    await audience.close()
    [edit] = await look(audience.stage)
    assert "No more questions for this talk" in edit.body.split("\n")[1]


async def test_five_stand_there_and_how_many_more_there_are(audience: Audience) -> None:
    await audience.ask(*(f"Why {n}?" for n in range(5)))
    assert len(await board(audience.stage)) == 5
    await audience.ask("Why 5?")
    lines = await board(audience.stage, 62)
    assert numbers(lines) == ["1", "2", "3", "4", "5", "1"]
    assert lines[-1] == "1 more: !questions"


async def test_how_many_more_is_edited_when_it_has_doubled(audience: Audience) -> None:
    await audience.ask(*(f"Why {n}?" for n in range(7)))
    assert (await board(audience.stage))[-1] == "2 more: !questions"
    await audience.ask("Why 7?")
    assert await board(audience.stage, 62) == []
    await audience.ask("Why 8?")
    assert (await board(audience.stage, 63))[-1] == "4 more: !questions"


async def test_how_many_questions_went_to_the_speaker_before(hall: Stage) -> None:
    await hall.tell(85)
    await hall.deliver()
    hall.clock.set(89)
    async with hall.database.write() as session:
        session.add_all(
            Letter(
                talk="talk-1",
                person=person,
                state=state,
                questions=questions,
                due=hall.clock.now(),
                closes=hall.clock.now(),
            )
            for person, state, questions in (
                ("@ada:example.org", "sent", 3),
                ("@grace:example.org", "sent", 3),
                ("@later:example.org", "wanted", 9),
            )
        )
    hall.bot.boards.changed(["talk-1"])
    assert await board(hall) == [
        'Before: "Tiny kernels", 3 questions went to the speaker for a written answer.'
    ]


async def test_that_is_told_when_the_letter_is_written(make_stage: MakeStage) -> None:
    speaker = "@ada:example.org"
    stage = await open_hall(make_stage, speakers={"talk-1": [speaker]})
    await stage.open_direct(speaker)
    audience = await listening(stage)
    await audience.ask("How small?")
    await board(stage)
    await stage.tell(85)
    await stage.deliver()
    stage.clock.set(89)
    await stage.bot.letters.step()
    await stage.news()
    [line] = await board(stage)
    assert line.startswith('Before: "Tiny kernels", 1 question went to the speaker')


# Corrections and the board are one.


async def test_a_correction_is_not_held_back_and_counts_for_nothing(make_stage: MakeStage) -> None:
    audience = await open_audience(make_stage, questions={"board_edits": 1})
    stage = audience.stage
    await audience.ask("How small?")
    await board(stage)
    await audience.ask("How big?")
    for title in ("Tinier kernels", "Tiniest kernels"):
        await stage.publish(*talks(Planned(1, title, 60, 25), BIG))
        await stage.news()
        [edit] = await stage.tell()
        assert title in edit.body
        assert len(edit.body.split("\n\n")) == 3, "with the questions of that moment"
    assert (await row(stage)).edits == 1


async def test_looking_again_takes_no_question_from_it(audience: Audience) -> None:
    await audience.ask("How small?")
    await board(audience.stage)
    audience.stage.bot.notice_scheduler.changed(None)
    assert await audience.stage.tell(62) == []


async def test_a_look_for_another_reason_does_not_lift_the_limits(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await board(stage)
    await audience.ask("How big?")
    stage.bot.notice_scheduler.changed(None)
    assert await stage.tell(61.1) == []


async def test_a_talk_that_is_told_is_not_told_again_for_its_questions(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await stage.say(KERNEL, MODERATOR, "!talk start")
    await stage.news()
    assert [s for s in await stage.tell() if s.kind == "message"] == []
    assert len(await board(stage, 62)) <= 1
    assert len([s for s in await stage.outbox(KERNEL) if s.key.startswith("now/")]) == 1


# Talk after talk.


async def test_late_questions_show_until_the_next_talk_is_told(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*talks(TINY, Planned(2, "Big kernels", 120, 25)))
    await stage.open(KERNEL)
    audience = await listening(stage)
    await audience.ask("How small?")
    assert len(await board(stage, 90)) == 1, "it is over since 10:25"
    await audience.ask("How big?")
    assert len(await board(stage, 119)) == 2
    await stage.tell(120)
    await stage.deliver()
    await audience.ask("How late?")
    assert await look(stage, 121) == []


async def test_nothing_leaks_into_the_next_talk(audience: Audience) -> None:
    stage = audience.stage
    [question] = await audience.ask("How small?")
    await board(stage)
    [now] = [s for s in await stage.tell(85) if s.key.startswith("now/")]
    assert "How small?" not in now.body
    await stage.deliver()
    await audience.vote(question, 3)
    await audience.ask("How late?")
    assert await look(stage, 86) == []
    await Audience(stage, "talk-2").ask("And this?")
    assert await board(stage, 87) == ["3 (0 votes) And this? – Bob"]


async def test_of_two_talks_at_once_each_has_its_own(make_stage: MakeStage) -> None:
    stage = await make_stage()
    attic = Planned(11, "Small clouds", 60, 50, place="Attic")
    await stage.publish(*talks(TINY, attic))
    await stage.open(KERNEL)
    await stage.tell(60)
    await stage.deliver()
    await Audience(stage).ask("How small?")
    await Audience(stage, "talk-11").ask("How cloudy?")
    [edit] = await look(stage, 61)
    said = edit.body.split("\n")
    where = {words: n for n, line in enumerate(said) for words in WORDS if words in line}
    assert sorted(where, key=lambda words: where[words]) in (WORDS, WORDS[2:] + WORDS[:2])
    assert len(set(where.values())) == 4


WORDS = ["Tiny kernels", "How small?", "Small clouds", "How cloudy?"]


# What it costs.


async def test_a_vote_puts_nothing_in_the_outbox(audience: Audience) -> None:
    stage = audience.stage
    first, _ = await audience.ask("How small?", "How big?")
    await board(stage)
    before = await outbox_rows(stage)
    for second in range(40, 50):
        await audience.vote(first)
        await look(stage, 61 + second * SECOND)
    assert await outbox_rows(stage) == before
    async with stage.database.read() as session:
        assert (await session.get_one(Question, first)).votes == 10


async def test_many_changes_are_one_look(
    audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = audience.stage
    looks: list[str] = []
    look_at = stage.bot.boards._look

    async def counted(talk: str) -> None:
        looks.append(talk)
        await look_at(talk)

    monkeypatch.setattr(stage.bot.boards, "_look", counted)
    [question] = await audience.ask("How small?")
    for tenth in range(50):
        await audience.vote(question)
        await look(stage, 61 + tenth * SECOND / 10)
    assert len(looks) == 2, "in five seconds"


async def test_a_look_that_fails_is_made_again(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    async with stage.database.write() as session:
        broken = update(TalkRow).where(TalkRow.guid == "talk-1").values(override={"shift": "x"})
        await session.execute(broken)
    with pytest.raises(TypeError):
        await stage.bot.boards.step()
    async with stage.database.write() as session:
        await session.execute(update(TalkRow).values(override=None))
    assert len(await board(stage, 62)) == 1


async def test_a_board_that_an_older_version_began_is_followed(audience: Audience) -> None:
    stage = audience.stage
    async with stage.database.write() as session:
        await session.execute(delete(Board))
    await audience.ask("How small?")
    assert len(await board(stage)) == 1
    await audience.ask("How big?")
    assert await look(stage, 61.1) == []
    assert len(await board(stage, 61.5)) == 2


async def test_a_question_for_a_talk_that_is_not_told_yet_shows_nowhere(audience: Audience) -> None:
    await Audience(audience.stage, "talk-3").ask("How old?")
    await Audience(audience.stage, "no such talk").ask("What?")
    assert await look(audience.stage) == []
