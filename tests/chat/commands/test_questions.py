"""`!questions` lists what was asked for the talk that is on."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fosdembot.chat.replies import answer_key
from fosdembot.db.tables import Outgoing
from fosdembot.questions.by import By
from fosdembot.questions.states import Action
from fosdembot.texts import commands as texts
from simulation.conference import Planned
from tests.chat.floor import HOST, HOSTS, act, ask, one, redact
from tests.stage import CLOUD, KERNEL, MODERATOR, STRANGER, MakeStage, Stage, room_id, talks

HEADING = 'Questions for "Tiny kernels":'
BRIDGE = ("m.bridge", {"protocol": {"id": "irc"}}, "irc")


async def listed(
    stage: Stage, body: str = "!questions", alias: str = KERNEL, sender: str = STRANGER
) -> list[str]:
    """The lines of the answer."""
    [answer] = await stage.say(alias, sender, body)
    return [line for line in answer.body.split("\n") if line]


async def ask_many(stage: Stage, number: int, text: str = "Why {n}?") -> None:
    for n in range(number):
        await ask(stage, text.format(n=n), asker=f"@asker{n}:example.org")


async def vote(stage: Stage, number: int, votes: int) -> None:
    async with stage.database.write() as session:
        question = await one(session, number)
        for n in range(votes):
            await stage.bot.desk.vote(session, question, f"@v{n}:x.org", f"$v{number}-{n}")


async def close(stage: Stage) -> None:
    async with stage.database.write() as session:
        by = By(MODERATOR, "$close", stage.clock.now())
        await stage.bot.desk.set_closed(session, room_id(KERNEL), "talk-1", True, by)


# What is in it.


async def test_the_best_come_first_with_votes_mark_and_asker(floor: Stage) -> None:
    await ask(floor, "How small?")
    await ask(floor, "How big?", asker="@bob:example.org", name="Bob")
    await ask(floor, "How old?", asker="@cleo:example.org", name="")
    await vote(floor, 3, 2)
    await vote(floor, 2, 1)
    await act(floor, 1, Action.STAR)
    assert await listed(floor) == [
        HEADING,
        "★ next: 1 (0 votes) How small? – Asker",
        "3 (2 votes) How old?",
        "2 (1 vote) How big? – Bob",
    ]


async def test_ten_and_how_to_see_the_others(floor: Stage) -> None:
    await ask_many(floor, 12)
    lines = await listed(floor)
    assert len(lines) == 12
    assert lines[-1] == "2 more: !questions all"


async def test_all_of_them_the_answered_last_and_newest_first(floor: Stage) -> None:
    await ask_many(floor, 12)
    await act(floor, 1, Action.DONE)
    floor.clock.forward(1)
    await act(floor, 2, Action.DONE)
    lines = await listed(floor, "!questions all")
    assert len(lines) == 13
    assert [line.split()[0] for line in lines[1:11]] == [str(n) for n in range(3, 13)]
    assert [line.split("(")[0] for line in lines[11:]] == ["✓ 2 ", "✓ 1 "]
    assert (await listed(floor))[-1] == "2 more: !questions all", "they count as more"


async def test_those_that_are_gone_or_wait_are_not_listed(floor: Stage) -> None:
    await ask_many(floor, 5)
    await act(floor, 1, Action.DISMISS)
    await act(floor, 2, Action.WITHDRAW)
    await act(floor, 3, into=4)
    await ask(floor, "May I?", pending=True)
    for sender in (STRANGER, MODERATOR):
        lines = await listed(floor, "!questions all", sender=sender)
        assert [line.split()[0] for line in lines[1:]] == ["4", "5"]
        floor.clock.forward(3)


# Nothing to list.


async def test_nothing_was_asked(floor: Stage) -> None:
    assert await listed(floor) == [
        'No question for "Tiny kernels" yet. Ask yours: !ask your question'
    ]


async def test_no_more_are_taken(floor: Stage) -> None:
    await close(floor)
    assert await listed(floor) == [
        'No question for "Tiny kernels" yet. No more questions are taken'
    ]
    await act(floor, await ask(floor, "Me?", trusted=True), Action.STAR)
    assert (await listed(floor))[-1] == "No more questions are taken"


async def test_no_talk_comes_today(floor: Stage) -> None:
    floor.clock.set(600)
    assert "!schedule" in (await listed(floor))[0]


# Which talk.


@pytest.mark.parametrize(
    ("minutes", "title"),
    [(30, "Tiny kernels"), (84, "Tiny kernels"), (86, "Big kernels"), (150, "Old kernels")],
)
async def test_it_is_the_talk_that_is_on_or_just_over_or_next(
    floor: Stage, minutes: int, title: str
) -> None:
    floor.clock.set(minutes)
    for talk in (1, 2, 3):
        await ask(floor, f"For {talk}?", talk=talk, asker=f"@asker{talk}:example.org")
    lines = await listed(floor)
    assert lines[0] == f'Questions for "{title}":'
    assert len(lines) == 2


async def test_it_is_the_talk_that_those_at_the_stream_see(make_stage: MakeStage) -> None:
    stage = await make_stage(notices={"stream_delay_seconds": 300})
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25), Planned(2, "Big", 85, 25)))
    await stage.open(KERNEL)
    stage.clock.set(87)
    await stage.news()
    assert "Tiny kernels" in (await listed(stage))[0]


async def test_two_talks_at_once(make_stage: MakeStage) -> None:
    stage = await make_stage()
    attic = Planned(11, "Small clouds", 60, 50, place="Attic")
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25), attic))
    await stage.open(KERNEL)
    stage.clock.set(65)
    await stage.news()
    await ask(stage, "How small?")
    assert await listed(stage) == [
        'No question for "Small clouds" yet. Ask yours: !ask your question',
        HEADING,
        "1 (0 votes) How small? – Asker",
    ]


# Asked again.


@pytest.mark.parametrize("command", ["!questions", "!questions all", "!questions ALL"])
async def test_the_same_again_is_a_pointer(floor: Stage, command: str) -> None:
    await ask(floor, "How small?")
    assert len(await listed(floor, command)) == 2
    await vote(floor, 1, 3)
    floor.clock.forward(1)
    assert await listed(floor, command) == [texts.ANSWERED_ABOVE]
    await ask(floor, "How big?", asker="@bob:example.org")
    assert len(await listed(floor, command)) == 3, "that is news"
    floor.clock.forward(2)
    assert len(await listed(floor, command)) == 3


async def test_the_answer_to_one_is_none_to_the_other(floor: Stage) -> None:
    await ask_many(floor, 11)
    for command in ("!questions", "!questions all"):
        assert len(await listed(floor, command)) > 10


# From elsewhere.


@pytest.mark.parametrize("body", ["!questions kernel", "!questions all kernel", "questions kernel"])
async def test_in_a_direct_chat_the_room_is_named(floor: Stage, body: str) -> None:
    await ask(floor, "How small?")
    direct = await floor.open_direct(STRANGER)
    assert await listed(floor, body, direct) == [HEADING, "1 (0 votes) How small? – Asker"]
    assert (await listed(floor, "!questions", direct))[0].startswith("Which room?")


async def test_how_to_see_the_others_from_there(floor: Stage) -> None:
    await ask_many(floor, 11)
    direct = await floor.open_direct(STRANGER)
    [more] = (await listed(floor, "!questions kernel", direct))[-1:]
    assert more == "1 more: !questions all kernel"
    assert len(await listed(floor, more.partition(": ")[2], direct)) == 12


@pytest.mark.parametrize(
    ("place", "sender", "seen"),
    [
        ("hosts", HOST, True),
        ("direct", MODERATOR, True),
        ("direct", STRANGER, False),
        ("room", MODERATOR, False),
    ],
)
async def test_who_lets_questions_through_sees_them(
    floor: Stage, place: str, sender: str, seen: bool
) -> None:
    await ask(floor, "May I?", pending=True)
    where = {"hosts": HOSTS, "room": KERNEL, "direct": await floor.open_direct(sender)}
    lines = await listed(floor, "!questions kernel", where[place], sender)
    assert ("⏳ 1 (0 votes) May I? – Asker" in lines) == seen


async def test_in_the_hosts_room_nobody_is_told_to_ask(floor: Stage) -> None:
    assert await listed(floor, "!questions kernel", HOSTS, HOST) == [
        'No question for "Tiny kernels" yet'
    ]


# Over a bridge.


async def test_over_a_bridge_the_best_three_in_three_lines(floor: Stage) -> None:
    await floor.state(KERNEL, *BRIDGE)
    await ask_many(floor, 6, "What about this, which is a question of some length? {n}")
    await vote(floor, 5, 3)
    await vote(floor, 4, 2)
    lines = await listed(floor)
    assert len(lines) == 3
    assert lines[0].startswith(f"{HEADING} 5 (3 votes)")
    assert lines[1].startswith("4 (2 votes)")
    assert lines[2].startswith("1 (0 votes)")
    assert lines[2].endswith("3 more")


# What was redacted.


async def test_a_list_goes_with_a_redacted_question_in_it(floor: Stage) -> None:
    await ask_many(floor, 2)
    first, [answer] = await floor.write(KERNEL, STRANGER, "!questions")
    assert answer.key == answer_key(first)
    await floor.deliver()
    other, _ = await floor.write(CLOUD, STRANGER, "!questions")
    await floor.deliver()
    await redact(floor, MODERATOR, "$asked1")
    async with floor.database.read() as session:
        rows = await session.scalars(select(Outgoing.target).where(Outgoing.kind == "redaction"))
        redacted = set(rows)
    assert answer_key(first) in redacted
    assert answer_key(other) not in redacted
