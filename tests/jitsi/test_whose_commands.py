"""Whose commands count in a meeting, and what comes of many and of hostile ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from fosdembot.conference.meeting_lines import LineKind
from fosdembot.db.question_tables import QuestionLog
from fosdembot.jitsi.meeting import Kind, Participant, Said
from fosdembot.jitsi.obeying import MOST_WAITING
from fosdembot.questions.states import Action
from fosdembot.texts import meetings as texts
from tests.stage import MakeStage

from .hall import QA, Hall, open_talks
from .settings import SETTINGS, jitsi
from .stand_in import LEO, MIRA

VISITOR = Participant("visitor", "Vera", Kind.VISITOR, is_owner=True)
MACHINE = Participant("jibri", "Recorder", Kind.MACHINE, is_owner=True)


async def test_others_are_told_so_once_and_alone(qa: Hall) -> None:
    for typed in ("!next", "!done", "!answer 42"):
        await qa.hears(typed, LEO)
    await qa.restart()
    await qa.hears("!late 5", LEO)
    refused = [line for line in qa.meeting.lines if line.text == texts.NOT_YOU_OWNERS]
    assert [line.to for line in refused] == [LEO.id]
    assert await qa.states(1, 2, 3) == ["open"] * 3


@pytest.mark.parametrize("sender", [VISITOR, MACHINE])
async def test_visitors_and_machines_are_never_obeyed(qa: Hall, sender: Participant) -> None:
    qa.meeting.people[sender.id] = sender
    assert await qa.hears("!next", sender) == []
    assert await qa.state(1) == "open"


async def test_a_name_gives_no_power(qa: Hall) -> None:
    for name in ("owner", "Mira", "jitsi:Mira", "@moderator:example.org"):
        await qa.hears("!next", Participant("evil", name))
    assert await qa.state(1) == "open"


@pytest.mark.parametrize(
    ("commands", "sender", "is_obeyed"),
    [
        ("owners", MIRA, True),
        ("owners", replace(LEO, identity="leo@example.org"), False),
        ("identified", MIRA, False),
        ("identified", replace(LEO, identity="leo@example.org"), True),
        ("off", replace(MIRA, identity="mira"), False),
    ],
)
async def test_whose_commands_count_is_a_setting(
    make_stage: MakeStage, commands: str, sender: Participant, is_obeyed: bool
) -> None:
    hall = Hall(await make_stage(**SETTINGS | {"jitsi": jitsi(commands=commands)}))
    await open_talks(hall.stage)
    await hall.ask("How small?")
    hall.at(QA)
    await hall.look()
    await hall.hears("!next", sender)
    assert (await hall.state(1) == "answering") == is_obeyed


@pytest.mark.parametrize(
    ("sender", "person"),
    [
        (MIRA, "jitsi:Mira"),
        (replace(MIRA, name=""), "jitsi:mira"),
        (replace(MIRA, name="@room"), "jitsi:@room"),
        (replace(MIRA, name="👩‍💻 نیم‌فاصله"), "jitsi:👩💻 نیمفاصله"),
        (replace(MIRA, name="\x00\u202e\n"), "jitsi:mira"),
        (replace(MIRA, name="M" * 500), f"jitsi:{'M' * 119}…"),
        (replace(MIRA, identity="mira@example.org"), "jitsi:mira@example.org"),
    ],
)
async def test_whatever_people_call_themselves_they_are_nobody_on_matrix(
    qa: Hall, sender: Participant, person: str
) -> None:
    await qa.hears("!next", sender)
    async with qa.stage.database.read() as session:
        taken = select(QuestionLog.actor).where(QuestionLog.action == Action.TAKE)
        assert (await session.scalars(taken)).all() == [person]


async def test_what_is_asked_in_private_is_answered_in_private(qa: Hall) -> None:
    await qa.hears("!next", is_private=True)
    private, public = qa.meeting.lines[-2:]
    assert (private.to, public.to) == (MIRA.id, None)
    assert private.text == public.text == "Now: 1 (0 votes): How small? – Bob"


async def test_who_has_left_is_not_answered(qa: Hall) -> None:
    await qa.hear(Said("a", MIRA, "!help", is_private=True))
    qa.meeting.leaves(MIRA)
    assert await qa.look() == []


# Many, and hostile.


async def test_what_people_say_to_each_other_costs_no_transaction(qa: Hall) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    qa.bridge.database = fail  # type: ignore[assignment]
    for text in ("Hello", "!", "!!", "! next time", "!nextt", "", "/next", "next"):
        await qa.hear(Said("a", MIRA, text))


async def test_of_many_at_once_one_takes_one_and_waits_for_nobody(qa: Hall) -> None:
    for number in range(30):
        owner = Participant(f"o{number}", f"Owner {number}", is_owner=True)
        await qa.hear(Said("a", owner, "!next"))
    for number in range(30):
        await qa.hear(Said("a", Participant(f"p{number}", f"Person {number}"), "!next"))
        await qa.hear(Said(f"b{number}", MIRA, "!help"))
    waiting = [row.kind for row in await qa.rows() if row.state == "queued"]
    assert waiting.count(LineKind.ANSWER) <= MOST_WAITING[LineKind.ANSWER]
    assert waiting.count(LineKind.REFUSAL) <= MOST_WAITING[LineKind.REFUSAL]
    assert (await qa.look())[0] == "Now: 1 (0 votes): How small? – Bob"
    assert await qa.states(1, 2) == ["answering", "open"]


async def test_a_message_that_breaks_something_does_not_stop_the_next(qa: Hall) -> None:
    await qa.hear(Said("\ud800", MIRA, "!answer \x00" + "\ud800" * 2000))
    await qa.hear(Said("x", MIRA, "!answer " + "x" * 2000))
    qa.later(1)
    assert (await qa.hears("!next"))[-1] == "Now: 2 (0 votes): How big? – Bob"
