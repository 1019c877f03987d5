"""Letters to speakers: which talks get one, to whom, when, and what they say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.conference.letter_texts import MOST
from fosdembot.db.question_tables import Letter, Speaker
from fosdembot.db.retention import forget_what_is_old
from fosdembot.db.tables import Outgoing, Room
from fosdembot.questions.states import Action
from simulation.conference import Planned
from tests.chat.floor import ASKER, SPEAKER, act, ask, one, redact, state
from tests.chat.test_hostile import NASTY, check
from tests.committed import Said
from tests.stage import BOT, CONTROL, KERNEL, MODERATOR, MakeStage, Stage, room_id, talks

HOSTS = "#hosts:example.org"
CO_SPEAKER = "@co-speaker:example.org"
TINY = Planned(1, "Tiny kernels", 60, 25)
BIG = Planned(2, "Big kernels", 85, 25)
OVER = 85 + 4
"""When the first talk has its letter, in minutes after `START`."""
DAY = 24 * 60
ONE = (
    'Not reached in "Tiny kernels" in #kernel:example.org: 1 question.\n'
    "Reply to this message: your answer is posted there and reaches whoever asked. There is time "
    "until Sat 14 Feb.\n"
    "1 (0 votes) How small can it get? – Asker"
)


async def opened(make_stage: MakeStage, *speakers: str, **settings: Any) -> Stage:
    """The bot is in its rooms, in a direct chat with each of the first talk's speakers, and
    that talk is on."""
    usual: dict[str, Any] = {"speakers": {"talk-1": list(speakers)}} if speakers else {}
    stage = await make_stage(prepared=talk_is_on, **usual, **settings)
    for speaker in speakers:
        await stage.open_direct(speaker)
    return stage


async def talk_is_on(stage: Stage) -> None:
    await stage.publish(*talks(TINY, BIG))
    await stage.open(KERNEL, {MODERATOR: 50, BOT: 50})
    await stage.open(CONTROL)
    stage.clock.set(65)


async def letters(stage: Stage, minutes: float) -> list[Said]:
    """What was written by then."""
    stage.clock.set(minutes)
    await stage.bot.letters.step()
    said = await stage.news()
    await stage.deliver()
    await stage.news()
    return said


def bodies(said: Sequence[Said]) -> list[str]:
    return [each.body for each in said]


def reply_to(event: str) -> dict[str, Any]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event}}}


async def rows(stage: Stage) -> list[tuple[str, str, int]]:
    """Of each letter its person, its state, and how many questions it named."""
    async with stage.database.read() as session:
        found = await session.scalars(select(Letter).order_by(Letter.talk, Letter.person))
        return [(row.person, row.state, row.questions) for row in found]


async def test_what_was_not_reached_goes_to_the_speaker_once(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    assert await letters(stage, OVER - 0.1) == []
    [said] = await letters(stage, OVER)
    assert (said.room, said.body) == (f"#direct-{SPEAKER[1:]}", ONE)
    assert said.content["msgtype"] == "m.text"
    assert said.content["m.mentions"] == {"user_ids": [SPEAKER]}
    assert await rows(stage) == [(SPEAKER, "sent", 1)]
    assert await letters(stage, OVER + 1) == []
    await stage.restart()
    assert await letters(stage, OVER + 2) == []


async def test_in_their_order_with_votes_and_what_is_said_of_them(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    for number in range(1, 11):
        name = "" if number == 3 else "Asker"
        await ask(stage, f"Question {number}?", asker=f"@a{number}:example.org", name=name)
    async with stage.database.write() as session:
        await stage.bot.desk.vote(session, await one(session, 4), "@voter:example.org", "$vote")
    for number, action in {
        1: Action.SKIP,
        2: Action.STAR,
        5: Action.DISMISS,
        6: Action.WITHDRAW,
        7: Action.TAKE,
        8: Action.DONE,
    }.items():
        await act(stage, number, action)
    await act(stage, 9, into=3)
    await ask(stage, "Pending?", pending=True)
    [said] = await letters(stage, OVER)
    first, how, *entries = said.body.split("\n")
    as_listed = "6 questions"
    begun = "Not reached, or only begun, in "
    assert first == f'{begun}"Tiny kernels" in #kernel:example.org: {as_listed}.'
    assert "Begin it with the question's number, like 7: It is 4 kB." in how
    assert entries == [
        "7 (0 votes) Question 7? – Asker ▶ begun when the time was up",
        "2 (0 votes) Question 2? – Asker",
        "4 (1 vote) Question 4? – Asker",
        "3 (0 votes) Question 3?",
        "10 (0 votes) Question 10? – Asker",
        "1 (0 votes) Question 1? – Asker",
    ]


async def test_there_is_no_letter_without_a_question(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    for number, action in enumerate((Action.DONE, Action.DISMISS, Action.TAKE), 1):
        assert await ask(stage, f"Question {number}?") == number
        await act(stage, number, action)
    # For another talk, of which no speaker is known, nor is it over.
    await ask(stage, "And this one?", talk=2)
    assert await letters(stage, OVER) == []
    assert await rows(stage) == []


async def test_what_the_speaker_answered_in_writing_was_reached(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER, CO_SPEAKER)
    for number in (1, 2, 3):
        await ask(stage, f"Question {number}?")
    for number, person in ((1, SPEAKER), (2, CO_SPEAKER), (3, MODERATOR)):
        begin = "!answer " if person is MODERATOR else ""
        body = f"{begin}See the slides"
        await stage.say(KERNEL, person, body, **reply_to(f"$asked{number}"))
    said = await letters(stage, OVER)
    assert len(said) == 2
    assert all("Question 3?" in each.body and "1 question." in each.body for each in said)
    # That a moderator answered it holds the reminder back.
    assert await letters(stage, OVER + 7 * DAY) == []


async def test_each_speaker_gets_one(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER, CO_SPEAKER)
    await ask(stage, "How small can it get?")
    said = await letters(stage, OVER)
    assert {each.room for each in said} == {f"#direct-{p[1:]}" for p in (SPEAKER, CO_SPEAKER)}
    assert bodies(said) == [ONE, ONE]
    assert await rows(stage) == [(CO_SPEAKER, "sent", 1), (SPEAKER, "sent", 1)]


async def test_the_talk_counts_as_it_took_place(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    await stage.say(KERNEL, MODERATOR, "!talk delay 10")
    await stage.news()
    assert await letters(stage, OVER + 9) == []
    assert len(await letters(stage, OVER + 10)) == 1
    # It is moved once more, and given once more.
    await stage.publish(*talks(replace(TINY, at=200), BIG))
    await stage.news()
    await ask(stage, "How big?")
    assert await letters(stage, 300) == []


async def test_a_talk_that_ended_early(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    stage.clock.set(70)
    await stage.say(KERNEL, MODERATOR, "!talk end")
    await stage.news()
    assert await letters(stage, 73) == []
    assert len(await letters(stage, 74)) == 1


async def test_a_cancelled_talk_may_have_questions_too(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    await stage.publish(*talks(BIG))
    await stage.news()
    assert bodies(await letters(stage, OVER)) == [ONE]


async def test_a_question_that_comes_late_is_not_lost(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    assert await letters(stage, OVER) == []
    await ask(stage, "How small can it get?")
    assert bodies(await letters(stage, OVER + 1)) == [ONE]
    await ask(stage, "How big?")
    assert await letters(stage, OVER + 2) == []
    [said] = await letters(stage, OVER + 1 + 7 * DAY)
    first, _, *entries = said.body.split("\n")
    assert first == (
        'Still without an answer from "Tiny kernels" in #kernel:example.org: 2 questions.'
    )
    assert [entry.split()[0] for entry in entries] == ["1", "2"]


async def test_one_reminder_and_an_end(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    await letters(stage, OVER)
    assert await letters(stage, OVER + 7 * DAY - 1) == []
    [said] = await letters(stage, OVER + 7 * DAY)
    assert said.body.startswith("Still without an answer")
    assert "until Sat 14 Feb" in said.body
    assert await letters(stage, OVER + 14 * DAY - 1) == []
    assert await rows(stage) == [(SPEAKER, "reminded", 1)]
    assert await letters(stage, OVER + 14 * DAY) == []
    assert await rows(stage) == [(SPEAKER, "closed", 1)]
    assert await letters(stage, OVER + 30 * DAY) == []


async def test_nobody_is_reminded_of_what_is_answered(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    await letters(stage, OVER)
    await stage.say(f"#direct-{SPEAKER[1:]}", SPEAKER, "1: It is 4 kB.")
    await stage.deliver()
    await stage.news()
    assert await letters(stage, OVER + 7 * DAY) == []
    assert await rows(stage) == [(SPEAKER, "reminded", 1)]


async def test_who_has_left_is_not_reminded(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    await letters(stage, OVER)
    async with stage.database.write() as session:
        chat = await session.get_one(Room, room_id(f"#direct-{SPEAKER[1:]}"))
        chat.deserted = True
    assert await letters(stage, OVER + 7 * DAY) == []
    assert await rows(stage) == [(SPEAKER, "reminded", 1)]


NO_SPEAKER = (
    'Not reached in "Tiny kernels": 1 question. I know no speaker to write to. When I do, I will: '
    "!talk #kernel:example.org speaker @name:server 1"
)


@pytest.mark.parametrize("hosts", [True, False])
async def test_hosts_are_told_once_that_no_speaker_is_known(
    make_stage: MakeStage, hosts: bool
) -> None:
    stage = await opened(make_stage, **({"hosts": {"*": HOSTS}} if hosts else {}))
    if hosts:
        await stage.open(HOSTS)
    await ask(stage, "How small can it get?")
    [said] = await letters(stage, OVER)
    assert (said.room, said.body) == (HOSTS if hosts else CONTROL, NO_SPEAKER)
    for minute in (1, 2):
        await stage.restart()
        assert await letters(stage, OVER + minute) == []
    # What they are told works.
    await stage.open_direct(SPEAKER)
    command = NO_SPEAKER.partition("will: ")[2].replace("@name:server", SPEAKER)
    await stage.say(said.room, MODERATOR, command)
    await stage.news()
    [said] = await letters(stage, OVER + 3)
    assert said.body.splitlines()[0] == ONE.splitlines()[0]


@pytest.mark.parametrize(("days", "is_written"), [(13.9, True), (14.1, False)])
async def test_a_speaker_who_becomes_known_late(
    make_stage: MakeStage, days: float, is_written: bool
) -> None:
    stage = await opened(make_stage)
    await ask(stage, "How small can it get?")
    await letters(stage, OVER)
    await stage.open_direct(SPEAKER)
    async with stage.database.write() as session:
        claimed = Speaker(talk="talk-1", person=CO_SPEAKER, confirmed=False, at=stage.clock.now())
        known = Speaker(talk="talk-1", person=SPEAKER, confirmed=True, at=stage.clock.now())
        session.add_all([claimed, known])
    said = await letters(stage, 85 + days * DAY)
    assert len(said) == is_written
    assert await rows(stage) == ([(SPEAKER, "sent", 1)] if is_written else [])


async def test_many_questions(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    for number in range(MOST + 3):
        await ask(stage, f"{number} " + "😀&" * 240, asker=f"@a{number}:example.org")
    [said] = await letters(stage, OVER)
    _, _, *entries = said.body.split("\n")
    assert len(entries) == MOST + 1
    assert entries[-1] == "And 3 more in the room: !questions all"
    assert await rows(stage) == [(SPEAKER, "sent", MOST + 3)]
    assert len(json.dumps(said.content, ensure_ascii=False).encode()) < 60_000


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
async def test_hostile_questions(make_stage: MakeStage, nasty: str) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, f"a {nasty}"[:400], name=nasty)
    [said] = await letters(stage, OVER)
    assert said.content["m.mentions"] == {"user_ids": [SPEAKER]}
    usual = {"m.mentions": {}, "msgtype": "m.notice"}
    check([replace(said, content={**said.content, **usual})])


async def test_a_redacted_question_leaves_the_letter(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    for text in ("How small can it get?", "What is my secret?"):
        await ask(stage, text)
    [said] = await letters(stage, OVER)
    assert "secret" in said.body
    await redact(stage, ASKER, "$asked2")
    async with stage.database.read() as session:
        redacted = select(Outgoing.target).where(Outgoing.kind == "redaction")
        assert said.key in (await session.scalars(redacted)).all()
    await stage.news()
    [anew] = await letters(stage, OVER + 1)
    assert (anew.room, anew.body) == (said.room, ONE)
    assert await letters(stage, OVER + 2) == []
    # And a reply to that one is a reply to the letter.
    await stage.say(said.room, SPEAKER, "It is 4 kB.", **reply_to(f"$sent{anew.key}"))
    assert await state(stage, 1) == "answered"
    await redact(stage, ASKER, "$asked1")
    await stage.news()
    assert await letters(stage, OVER + 3) == []


async def test_encrypted_chats_are_not_used(make_stage: MakeStage) -> None:
    """There the answer could not be read."""
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    await stage.state(f"#direct-{SPEAKER[1:]}", "m.room.encryption", {"algorithm": "m.megolm"})
    async with stage.database.write() as session:
        session.add(Room(room_id="!other", membership="join", direct_with=SPEAKER))
    [said] = await letters(stage, OVER)
    assert said.room == "#other"


async def test_a_rehearsal_writes_to_nobody(make_stage: MakeStage) -> None:
    rehearsal = {"room": room_id(KERNEL)}
    stage = await opened(make_stage, SPEAKER, rehearsal=rehearsal)
    await ask(stage, "How small can it get?")
    assert await letters(stage, OVER) == []


async def test_times_are_those_of_the_conference(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER, questions={"letter_minutes": 30, "letter_days": 2})
    await ask(stage, "How small can it get?")
    assert await letters(stage, 85 + 29) == []
    assert len(await letters(stage, 85 + 30)) == 1
    async with stage.database.read() as session:
        [row] = await session.scalars(select(Letter))
    now = stage.clock.now()
    assert (row.due, row.closes) == (now + timedelta(days=1), now + timedelta(days=2))


async def test_whoever_is_forgotten_is_not_written_again(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER, questions={"keep_names_days": 2})
    await ask(stage, "How small can it get?")
    assert len(await letters(stage, OVER)) == 1
    stage.clock.set(110 + 2 * DAY + 1)
    programme = stage.bot.programme
    await forget_what_is_old(stage.database, stage.clock, programme.names_before)
    assert await rows(stage) == []
    await stage.bot.letters.step()
    assert await rows(stage) == []
