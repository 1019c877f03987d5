"""The pinned message shows the best questions, within limits, and never one that is gone.

It begins at 9:00; "Tiny kernels" is on from 10:00 to 10:25, then come "Big kernels".
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Board, Letter, Question, Shown
from fosdembot.db.tables import Outgoing, TalkRow
from fosdembot.questions.desk import NewQuestion
from fosdembot.questions.log import By
from fosdembot.questions.states import Action
from tests.e2e.conference import Planned
from tests.stage import (
    BOT,
    CONTROL,
    KERNEL,
    MODERATOR,
    ORGANISER,
    MakeStage,
    Said,
    Stage,
    room_id,
    talks,
)

TINY = Planned(1, "Tiny kernels", 60, 25)
BIG = Planned(2, "Big kernels", 85, 25)
PROGRAMME = talks(TINY, BIG, Planned(3, "Old kernels", 300, 25))
SECOND = 1 / 60
BRIDGE = ("m.bridge", {"protocol": {"id": "irc"}}, "irc")


class Audience:
    """Asks and votes for one talk, at the bot's desk."""

    def __init__(self, stage: Stage, talk: str = "talk-1") -> None:
        self.stage = stage
        self.talk = talk
        self._ids = itertools.count(1)

    def by(self) -> By:
        event = f"$by-{self.talk}-{next(self._ids)}"
        return By("@somebody:example.org", event, self.stage.clock.now())

    async def ask(self, *texts: str) -> list[int]:
        """Questions, each by another person; their ids."""
        found = []
        async with self.stage.database.write() as session:
            for text in texts:
                event = f"$ask-{self.talk}-{next(self._ids)}"
                new = NewQuestion(
                    room=room_id(KERNEL),
                    talk=self.talk,
                    text=text,
                    asker=f"@{event[1:]}:example.org",
                    name="Bob",
                    event=event,
                    at=self.stage.clock.now(),
                )
                question, _ = await self.stage.bot.desk.ask(session, new)
                found.append(question.id)
        return found

    async def vote(self, question: int, votes: int = 1) -> None:
        async with self.stage.database.write() as session:
            row = await session.get_one(Question, question)
            for _ in range(votes):
                voter = f"@voter-{self.talk}-{next(self._ids)}:example.org"
                await self.stage.bot.desk.vote(session, row, voter, f"$by{voter}")

    async def act(self, question: int, action: Action) -> None:
        async with self.stage.database.write() as session:
            row = await session.get_one(Question, question)
            await self.stage.bot.desk.act(session, row, action, self.by())

    async def edit(self, question: int, text: str) -> None:
        async with self.stage.database.write() as session:
            row = await session.get_one(Question, question)
            await self.stage.bot.desk.edit(session, row, text, self.by())

    async def close(self) -> None:
        async with self.stage.database.write() as session:
            by = self.by()
            await self.stage.bot.desk.set_closed(session, room_id(KERNEL), self.talk, True, by)

    async def redact(self, question: int) -> None:
        """The asker's message is redacted, as the homeserver tells it."""
        async with self.stage.database.read() as session:
            source = (await session.get_one(Question, question)).source
        event = f"$redaction{next(self._ids)}"
        async with self.stage.database.write() as session:
            await redact(self.stage, session, str(source), event)


async def redact(stage: Stage, session: WriteSession, source: str, event: str) -> None:
    content = {
        "event_id": event,
        "type": "m.room.redaction",
        "sender": MODERATOR,
        "origin_server_ts": stage.clock.now().timestamp() * 1000,
        "content": {"redacts": source},
        "redacts": source,
    }
    await stage.router.handle(session, room_id(KERNEL), content)


@pytest.fixture
async def hall(make_stage: MakeStage) -> Stage:
    return await open_hall(make_stage)


async def open_hall(make_stage: MakeStage, **settings: Any) -> Stage:
    stage = await make_stage(**settings)
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL, {BOT: 50, MODERATOR: 50})
    await stage.news()
    return stage


@pytest.fixture
async def audience(hall: Stage) -> Audience:
    """Of a talk that began a minute ago."""
    return await listening(hall)


async def listening(stage: Stage) -> Audience:
    await stage.tell(60)
    await stage.deliver()
    stage.clock.set(61)
    return Audience(stage)


async def look(stage: Stage, minutes: float | None = None) -> list[Said]:
    """The boards are looked at, now or at so many minutes after the start; what is new."""
    if minutes is not None:
        stage.clock.set(minutes)
    await stage.bot.boards.step()
    said = await stage.news()
    await stage.deliver()
    return said


async def board(stage: Stage, minutes: float | None = None) -> list[str]:
    """The lines of the board that is edited then, under its head; none if it is not."""
    said = await look(stage, minutes)
    if not said:
        return []
    [edit] = said
    assert edit.kind == "edit"
    return edit.body.split("\n")[2:]


async def row(stage: Stage) -> Board:
    async with stage.database.read() as session:
        return (await session.scalars(select(Board))).one()


async def outbox_rows(stage: Stage) -> int:
    async with stage.database.read() as session:
        return await session.scalar(select(func.count(Outgoing.id))) or 0


def numbers(lines: Sequence[str]) -> list[str]:
    """What of these lines are questions, by number."""
    return [word for line in lines for word in line.split()[:1] if word.isdecimal()]


# What it shows.


async def test_what_was_asked_before_the_talk_is_in_its_first_words(hall: Stage) -> None:
    audience = Audience(hall)
    first, _ = await audience.ask("How small?", "How big?")
    await audience.vote(first, 2)
    [now] = await hall.tell(60)
    assert now.kind == "message"
    assert now.body.split("\n")[2:] == [
        "1 (2 votes) How small? Bob",
        "2 (0 votes) How big? Bob",
    ]
    assert await look(hall, 61) == []


async def test_a_question_appears_at_once(audience: Audience) -> None:
    await audience.ask("How small?")
    assert await board(audience.stage) == ["1 (0 votes) How small? Bob"]


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
        "2 (3 votes) How big? Bob",
        "1 (2 votes) How small? Bob",
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
        (Action.STAR, ["★ next: 2 (0 votes) How big? Bob", "1 (0 votes) How small? Bob"]),
        (Action.TAKE, ["▶ now: 2 (0 votes) How big? Bob", "1 (0 votes) How small? Bob"]),
        (Action.DISMISS, ["1 (0 votes) How small? Bob"]),
        (Action.DONE, ["1 (0 votes) How small? Bob"]),
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
    assert await board(audience.stage, 62) == ["1 (0 votes) How tiny? Bob"]


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


# Its limits.


async def test_at_most_every_thirty_seconds(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    assert await board(stage) != []
    await audience.ask("How big?")
    for seconds in (1, 10, 29):
        assert await look(stage, 61 + seconds * SECOND) == []
    await audience.ask("How old?")
    assert len(await board(stage, 61 + 30 * SECOND)) == 3
    assert await look(stage, 62) == []


async def test_the_message_itself_is_not_edited_sooner_either(hall: Stage) -> None:
    await hall.tell(60)
    await hall.deliver()
    await Audience(hall).ask("How small?")
    assert await look(hall, 60 + 29 * SECOND) == []
    assert len(await board(hall, 60 + 30 * SECOND)) == 1


async def test_what_is_undone_meanwhile_is_no_edit(audience: Audience) -> None:
    first, second = await audience.ask("How small?", "How big?")
    await board(audience.stage)
    await audience.vote(second)
    await look(audience.stage, 61 + 10 * SECOND)
    await audience.vote(first)
    assert await look(audience.stage, 62) == []


async def test_at_most_so_many_times_a_talk(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage, questions={"board_edits": 2})
    audience = await listening(stage)
    edited = []
    for minute in (61, 62, 63, 64):
        await audience.ask(f"Why {minute}?")
        edited.append(bool(await look(stage, minute)))
    assert edited == [True, True, False, False]
    await stage.hear(KERNEL, until=86)
    next_one = Audience(stage, "talk-2")
    await next_one.ask("And now?")
    assert len(await board(stage, 87)) == 1, "the next talk has edits of its own"


async def test_its_limits_survive_a_restart(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage, questions={"board_edits": 2})
    audience = await listening(stage)
    for minute, edited in ((61, True), (61.4, False), (61.5, True), (63, False)):
        await audience.ask(f"Why {minute}?")
        stage.clock.set(minute)
        await stage.restart()
        assert bool(await stage.tell()) == edited, minute
        await stage.deliver()


async def test_a_change_that_a_crash_kept_from_being_shown(audience: Audience) -> None:
    await audience.ask("How small?")
    await audience.stage.restart()
    [edit] = await audience.stage.tell()
    assert "How small?" in edit.body


async def test_what_a_restart_finds_too_early_is_shown_later(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await board(stage)
    await audience.ask("How big?")
    await stage.restart()
    assert await stage.tell(61.1) == []
    assert len(await board(stage, 61.5)) == 2


async def test_no_edits_where_there_are_none(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage, notices={"edits": "off"})
    audience = await listening(stage)
    questions = await audience.ask("How small?", "How big?", "How old?", "How new?")
    for question in questions:
        await audience.vote(question, question)
        assert await look(stage, 62 + question) == []
    [qa] = await stage.tell(80)
    assert [line for line in ("How new?", "How old?", "How big?") if line in qa.body] == [
        "How new?",
        "How old?",
        "How big?",
    ]
    assert "How small?" not in qa.body


async def test_nor_over_a_bridge_and_no_more_than_three_lines(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage)
    await stage.state(KERNEL, *BRIDGE)
    audience = Audience(stage)
    await audience.ask(*("What about this one, which is longer than others? " * 3,) * 1)
    await audience.ask(*(f"Why {n}?" for n in range(7)))
    said = []
    for minute in (60, 61, 70, 80):
        said += await stage.tell(minute) + await look(stage)
    assert {s.kind for s in said} == {"message"}
    assert all(s.body.count("\n") < 3 for s in said)


async def test_nothing_is_edited_while_notices_are_paused(audience: Audience) -> None:
    stage = audience.stage
    await stage.open(CONTROL)
    await stage.say(CONTROL, ORGANISER, "!conf pause all")
    await audience.ask("How small?")
    assert await look(stage, 62) == []
    await stage.say(CONTROL, ORGANISER, "!conf resume all")
    assert len(await board(stage, 63)) == 1


# Corrections and the board are one.


async def test_a_correction_is_not_held_back_and_counts_for_nothing(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage, questions={"board_edits": 1})
    audience = await listening(stage)
    await audience.ask("How small?")
    await board(stage)
    await audience.ask("How big?")
    for title in ("Tinier kernels", "Tiniest kernels"):
        await stage.publish(*talks(Planned(1, title, 60, 25), BIG))
        await stage.news()
        [edit] = await stage.tell()
        assert title in edit.body
        assert len(edit.body.split("\n")) == 4, "with the questions of that moment"
    assert (await row(stage)).edits == 1


async def test_looking_again_takes_no_question_from_it(audience: Audience) -> None:
    await audience.ask("How small?")
    await board(audience.stage)
    audience.stage.bot.crier.changed(None)
    assert await audience.stage.tell(62) == []


async def test_a_look_for_another_reason_does_not_lift_the_limits(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await board(stage)
    await audience.ask("How big?")
    stage.bot.crier.changed(None)
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
    assert await board(stage, 87) == ["3 (0 votes) And this? Bob"]


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


# What was redacted.


async def test_a_redacted_question_leaves_it_at_once(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage, questions={"board_edits": 1})
    audience = await listening(stage)
    first, _ = await audience.ask("How small?", "How big?")
    await board(stage)
    await audience.redact(first)
    [edit] = [s for s in await stage.news() if s.key.startswith("edit:now/")]
    assert edit.body.split("\n")[2:] == ["2 (0 votes) How big? Bob"]
    assert (await row(stage)).edits == 1


async def test_also_the_board_of_a_talk_that_is_over(audience: Audience) -> None:
    stage = audience.stage
    [question] = await audience.ask("How small?")
    await board(stage)
    await stage.tell(85)
    await stage.deliver()
    await stage.news()
    await audience.redact(question)
    [edit] = await stage.news()
    assert "Tiny kernels" in edit.body
    assert "How small?" not in edit.body


async def test_a_question_that_has_left_it_before_is_no_reason_to_edit(audience: Audience) -> None:
    stage = audience.stage
    first, second = await audience.ask("How small?", "How big?")
    await board(stage)
    await audience.act(first, Action.DONE)
    await board(stage, 62)
    await audience.vote(second)
    await audience.redact(first)
    assert [s for s in await stage.news() if "now/" in s.key] == []


async def test_a_board_that_cannot_be_edited_any_more_goes_itself(audience: Audience) -> None:
    stage = audience.stage
    [question] = await audience.ask("How small?")
    await board(stage)
    await stage.state(KERNEL, *BRIDGE)
    await audience.redact(question)
    [redacted] = await redacted_messages(stage)
    assert redacted.startswith("now/")


async def test_the_notice_that_named_it_goes(audience: Audience) -> None:
    stage = audience.stage
    [question] = await audience.ask("How small?")
    await board(stage)
    [qa] = await stage.tell(80)
    assert "How small?" in qa.body
    await stage.deliver()
    await audience.redact(question)
    assert await redacted_messages(stage) == [qa.key]


async def test_notices_that_wait_are_told_without_it(hall: Stage) -> None:
    audience = Audience(hall)
    first, _ = await audience.ask("How small?", "How big?")
    await hall.tell(60)
    await audience.redact(first)
    await hall.tell()
    await hall.deliver()
    said = [s for s in await hall.outbox(KERNEL) if s.key.startswith("now/")]
    assert [s.body.split("\n")[2:] for s in said] == [["2 (0 votes) How big? Bob"]]
    assert await redacted_messages(hall) == []
    async with hall.database.read() as session:
        assert first not in list(await session.scalars(select(Shown.question_id)))


async def test_an_edit_that_waits_for_such_a_notice_is_not_sent(hall: Stage) -> None:
    audience = Audience(hall)
    first, _ = await audience.ask("How small?", "How big?")
    await hall.tell(60)
    await audience.vote(first, 1)
    await audience.act(first, Action.STAR)
    await look_undelivered(hall, 61)
    await audience.redact(first)
    await hall.tell()
    said = [s for s in await hall.outbox(KERNEL) if s.state == "queued"]
    assert said != []
    assert all("How small?" not in s.body for s in said)


async def look_undelivered(stage: Stage, minutes: float) -> None:
    stage.clock.set(minutes)
    await stage.bot.boards.step()
    assert any(s.key.startswith("edit:now/") for s in await stage.news())


async def redacted_messages(stage: Stage) -> list[str]:
    async with stage.database.read() as session:
        rows = select(Outgoing.target).where(Outgoing.kind == "redaction")
        targets = await session.scalars(rows.order_by(Outgoing.id))
        return [str(target) for target in targets if not str(target).startswith("chip/")]


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
