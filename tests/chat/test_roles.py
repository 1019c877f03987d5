"""Who may do what, and where: an effect, or one sentence that helps."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from fosdembot.db.tables import Pause, TalkLog
from fosdembot.texts import commands as texts
from fosdembot.texts.render import say
from tests.chat.conftest import PROGRAMME
from tests.committed import Said
from tests.stage import (
    CLOUD,
    CONTROL,
    KERNEL,
    LISTED,
    LOBBY,
    MODERATOR,
    ORGANISER,
    STRANGER,
    MakeStage,
    Stage,
    in_room,
)

DIRECT = "a direct chat"
PLACES = (KERNEL, CONTROL, DIRECT, LOBBY)
MODERATORS = (MODERATOR, LISTED, ORGANISER)
EVERYBODY = (STRANGER, *MODERATORS)

ONLY_MODERATORS = say(texts.ONLY_MODERATORS).plain
ONLY_ORGANISERS = say(texts.ONLY_ORGANISERS).plain
IN_CONTROL_ROOM = say(texts.IN_CONTROL_ROOM).plain
POWERFUL = ("!talk delay 10", "!undo", "!conf pause all", "!announce! all: x")


async def type_in(stage: Stage, place: str, person: str, body: str) -> tuple[str, list[Said]]:
    """Returns the answer where it was typed, and all that was said."""
    alias = await stage.open_direct(person) if place is DIRECT else place
    said = await stage.say(alias, person, body)
    [answer] = in_room(said, alias)
    return answer, said


async def decisions(stage: Stage) -> list[str]:
    """Those that stand."""
    async with stage.database.read() as session:
        standing = select(TalkLog.action).where(TalkLog.undone.is_(False))
        return list(await session.scalars(standing))


@pytest.mark.parametrize("place", PLACES)
async def test_anybody_may_ask_anywhere(conference: Stage, place: str) -> None:
    where = "" if place is KERNEL else " kernel"
    for command, person in product(("talk", "next", "schedule"), EVERYBODY):
        conference.clock.forward(3)
        answer, said = await type_in(conference, place, person, f"!{command}{where}")
        assert "Tiny kernels" in answer
        assert len(said) == 1


DECISIONS = ("delay 10", "start", "cancel", "noshow", "now 2", "reset 1", "end 1")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("action", DECISIONS)
async def test_moderators_decide_from_anywhere_others_nowhere(
    conference: Stage, action: str, place: str
) -> None:
    """In turn: each moderator decides each of it somewhere, and some of it in each place."""
    person = MODERATORS[(DECISIONS.index(action) + PLACES.index(place)) % len(MODERATORS)]
    conference.clock.set(61)
    if action == "reset 1":
        await conference.say(KERNEL, MODERATOR, "!talk delay 5")
    before = await decisions(conference)
    talk, undo = ("!talk", "!undo") if place is KERNEL else ("!talk kernel", "!undo kernel")
    answer, said = await type_in(conference, place, STRANGER, f"{talk} {action}")
    assert answer == ONLY_MODERATORS
    assert len(said) == 1
    answer, said = await type_in(conference, place, STRANGER, undo)
    assert answer == ONLY_MODERATORS
    assert len(said) == 1
    answer, said = await type_in(conference, place, person, f"{talk} {action}")
    assert await decisions(conference) == [*before, action.removesuffix(" 1").split(" 2")[0]]
    assert answer.endswith(f" Wrong? {undo}")
    [told] = in_room(said, KERNEL)
    assert told.startswith(answer.removesuffix(f" Wrong? {undo}"))
    answer, said = await type_in(conference, place, person, undo)
    assert answer.startswith("Taken back.")
    assert in_room(said, KERNEL) == [answer]
    assert await decisions(conference) == before


async def test_who_moderates_one_room_does_not_moderate_another(conference: Stage) -> None:
    for place, body in ((CLOUD, "!talk delay 10"), (KERNEL, "!undo")):
        await conference.say(place, MODERATOR, body)
    said = await conference.say(CLOUD, MODERATOR, "!talk start")
    assert in_room(said, CLOUD) == [ONLY_MODERATORS]
    assert await decisions(conference) == []


ORGANISERS_COMMANDS = {
    "conf status": "Test Conf: 5 talks in 2 rooms.",
    "conf rooms": "I cannot pin",
    "conf talk 2": "Big kernels",
    "conf reload": "control room",
    "conf schedule accept": "No schedule waits",
    "conf pause all": "Paused: all.",
    "conf resume all": "not paused",
    "conf": "Type !conf with",
    "announce Cloud: Hello": "Sent to 1 room.",
    "announce! Cloud: Hello": "Sent to 1 room.",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", ORGANISERS_COMMANDS)
async def test_organisers_command_in_the_control_room(
    conference: Stage, command: str, place: str
) -> None:
    """And nobody else: everybody tries each of it in one place or two, and in each place some."""
    others = (STRANGER, MODERATOR, LISTED)
    number = [*ORGANISERS_COMMANDS].index(command) + PLACES.index(place)
    answer, said = await type_in(conference, place, others[number % 3], f"!{command}")
    assert answer == ONLY_ORGANISERS
    assert len(said) == 1
    answer, said = await type_in(conference, place, ORGANISER, f"!{command}")
    if place in (CONTROL, DIRECT):
        assert ORGANISERS_COMMANDS[command] in answer
    else:
        assert answer == IN_CONTROL_ROOM
        assert len(said) == 1
        async with conference.database.read() as session:
            assert await session.scalar(select(Pause)) is None


@pytest.mark.parametrize(
    "body", ["!talk delay 10", "!undo", "!conf pause all", "!announce! all: x"]
)
async def test_a_display_name_gives_no_power(conference: Stage, body: str) -> None:
    """Clients may put it in the body, in a pill, or beside it in the event."""
    for said in (
        await conference.say(KERNEL, STRANGER, body, displayname="Moderator"),
        await conference.say(KERNEL, STRANGER, f"Moderator: {body}"),
        await conference.say(KERNEL, "@organiser:example.com", body),
        await conference.say(KERNEL, "@moderator:example.org:example.com", body),
    ):
        assert set(in_room(said, KERNEL)) <= {ONLY_MODERATORS, ONLY_ORGANISERS}
    assert await decisions(conference) == []


@pytest.mark.parametrize("person", MODERATORS)
@pytest.mark.parametrize(
    "body", ["!talk delay 10", "!undo", "!conf pause all", "!announce! all: x"]
)
async def test_those_whom_a_relay_speaks_for_have_none(
    conference: Stage, person: str, body: str
) -> None:
    [said] = await conference.say(KERNEL, person, f"<ada> {body}")
    assert said.body in (f"ada: {ONLY_MODERATORS}", f"ada: {ONLY_ORGANISERS}")
    assert await decisions(conference) == []
    [said] = await conference.say(KERNEL, person, "<ada> !next")
    assert "Tiny kernels" in said.body


@pytest.mark.parametrize(
    ("version", "creator", "additional", "power", "may"),
    [
        ("11", "@other:example.org", [], {STRANGER: 50}, True),
        ("11", "@other:example.org", [], {STRANGER: 49}, False),
        ("11", "@other:example.org", [], {STRANGER: "50"}, True),
        ("11", "@other:example.org", [], {STRANGER: "a lot"}, False),
        ("11", STRANGER, [], {}, False),
        ("11", STRANGER, [STRANGER], {}, False),
        ("12", STRANGER, [], {}, True),
        ("12", "@other:example.org", [STRANGER], {}, True),
        ("12", "@other:example.org", [], {}, False),
        ("13", STRANGER, [], {}, True),
    ],
)
async def test_power_comes_from_the_room(
    make_stage: MakeStage,
    version: str,
    creator: str,
    additional: list[str],
    power: dict[str, object],
    may: bool,
) -> None:
    stage = await make_stage()
    await stage.publish(*PROGRAMME)
    await stage.open(
        KERNEL, power, version=version, creator=creator, additional_creators=additional
    )
    said = await stage.say(KERNEL, STRANGER, "!talk delay 10")
    assert (ONLY_MODERATORS in in_room(said, KERNEL)) is not may
    assert await decisions(stage) == (["delay 10"] if may else [])


@pytest.mark.parametrize(
    ("place", "person", "parts"),
    [
        (KERNEL, STRANGER, ()),
        (KERNEL, MODERATOR, ("For moderators",)),
        (CLOUD, MODERATOR, ()),
        (CLOUD, LISTED, ("For moderators",)),
        (KERNEL, ORGANISER, ("For moderators", "For organisers")),
        (CONTROL, STRANGER, ("Ask me about a room", "For organisers")),
        (LOBBY, LISTED, ("Ask me about a room", "For moderators")),
        (DIRECT, STRANGER, ("Ask me about a room", "!anon ROOM")),
        (
            DIRECT,
            ORGANISER,
            ("Ask me about a room", "!anon ROOM", "For moderators", "For organisers"),
        ),
    ],
)
async def test_help_tells_what_one_may_do_there(
    conference: Stage, place: str, person: str, parts: tuple[str, ...]
) -> None:
    answer, _ = await type_in(conference, place, person, "!help")
    for part in ("For moderators", "For organisers", "Ask me about a room", "!anon ROOM"):
        assert (part in answer) is (part in parts)
    moderates, here = "For moderators" in parts, place in (KERNEL, CLOUD)
    assert ("!ask your question" in answer) is here
    assert ("!take 12" in answer) is moderates
    assert ("!talk delay 10" in answer) is (moderates and here)
    assert ("!talk ROOM delay 10" in answer) is (moderates and not here)
