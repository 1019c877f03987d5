"""A face of under eighty lines does what people need, through actions and the room view alone; and
what two faces do at once is done once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fosdembot.actions.asking import Asking
from fosdembot.actions.voting import Voting
from fosdembot.questions.states import Action

from . import line_face
from .house import ADA, BOB, ROOM_ID, SPEAKER, TINY, House
from .line_face import LineFace

MOST_LINES = 80
KNOWN = ("fosdembot.actions.", "fosdembot.conference.room_view", "fosdembot.db.engine")
VALUES = ("fosdembot.questions.states", "fosdembot.questions.views")
"""What actions and the room view take and give back."""


@pytest.fixture
def face(house: House) -> LineFace:
    return LineFace(
        house.database,
        house.views,
        Asking(house.desk, house.access, house.programme, house.views),
        Voting(house.desk, house.settings.questions),
        house.deciding,
        house.clock.now,
        ROOM_ID,
    )


async def test_ask_vote_list_and_take_the_next(face: LineFace) -> None:
    assert await face.say(ADA, "1", "ask How small can a kernel be?") == "1 asked"
    assert await face.say(BOB, "2", "ask Why in Rust, of all languages?") == "2 asked"
    assert await face.say(ADA, "3", "vote 2") == "2 has 1"
    assert (await face.say(SPEAKER, "4", "list")).splitlines() == [
        TINY.title,
        "2 open 1 Why in Rust, of all languages?",
        "1 open 0 How small can a kernel be?",
    ]
    assert await face.say(SPEAKER, "5", "next") == "2 answering"
    assert (await face.say(SPEAKER, "6", "list")).splitlines() == [
        TINY.title,
        "2 answering 1 Why in Rust, of all languages?",
        "1 open 0 How small can a kernel be?",
    ]


async def test_a_line_that_comes_twice_votes_once(face: LineFace) -> None:
    await face.say(ADA, "1", "ask How small can a kernel be?")
    assert await face.say(BOB, "2", "vote 1") == "1 has 1"
    assert await face.say(BOB, "2", "vote 1") == "1 open already"
    assert "1 open 1 How small can a kernel be?" in await face.say(BOB, "3", "list")


async def test_a_line_that_comes_twice_asks_once(face: LineFace) -> None:
    assert await face.say(ADA, "1", "ask How small can a kernel be?") == "1 asked"
    assert await face.say(ADA, "1", "ask How small can a kernel be?") == "1 open already"
    assert await face.say(BOB, "1", "ask How big?") == "no: cause used"


async def test_a_line_that_comes_twice_takes_one_however_late(face: LineFace, house: House) -> None:
    await house.ask("How small?", "Why in Rust?")
    assert await face.say(SPEAKER, "1", "next") == "1 answering"
    house.clock.forward(2)
    assert await face.say(SPEAKER, "1", "next") == "1 answering already"
    assert await house.states() == ["answering", "open"]
    assert await face.say(SPEAKER, "2", "next") == "2 answering"
    house.clock.forward(2)
    assert await face.say(SPEAKER, "2", "next") == "2 answering already"
    assert await house.states() == ["answered", "answering"]


async def test_what_is_refused_is_said_and_changes_nothing(face: LineFace, house: House) -> None:
    await face.say(ADA, "1", "ask How small can a kernel be?")
    assert await face.say(ADA, "2", "next") == "no: not allowed"
    assert await face.say(ADA, "3", "vote 1") == "no: own vote"
    assert await face.say(ADA, "4", "ask how small can a kernel be?") == "no: asked already"
    assert await face.say(ADA, "5", "vote 7") == "no: there is no question 7"
    assert await house.states() == ["open"]


async def test_the_next_by_a_line_and_by_chat_at_once_is_one(face: LineFace, house: House) -> None:
    await house.ask("How small?", "Why in Rust?")
    assert await face.say(SPEAKER, "1", "next") == "1 answering"
    house.clock.forward(4 / 60)
    async with house.database.write() as session:
        by_chat = await house.deciding.decide_current(session, house.actor(), ROOM_ID, Action.TAKE)
    assert (by_chat.question.number, by_chat.changed) == (1, [])
    assert await face.say(SPEAKER, "2", "next") == "1 answering already"
    assert await house.states() == ["answering", "open"]
    house.clock.forward(2)
    assert await face.say(SPEAKER, "2", "next") == "1 answering already"
    assert await house.states() == ["answering", "open"]
    assert await face.say(SPEAKER, "3", "next") == "2 answering"


def test_it_is_short_and_knows_actions_and_the_room_view_alone() -> None:
    source = Path(line_face.__file__).read_text()
    assert len(source.splitlines()) < MOST_LINES
    names = [
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module and "fosdembot" in node.module
    ]
    assert names
    assert [name for name in names if not name.startswith((*KNOWN, *VALUES))] == []
