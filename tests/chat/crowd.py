"""Somebody of each role, and a question in each state."""

from __future__ import annotations

from pathlib import Path

from fosdembot.db.question_tables import Speaker
from fosdembot.questions.by import By
from fosdembot.questions.states import Action
from simulation.conference import START
from tests.chat.floor import (
    ASKER,
    HOST,
    HOSTS,
    OTHER_SPEAKER,
    SETTINGS,
    SPEAKER,
    act,
    ask,
    join_hosts,
    one,
    state,
)
from tests.stage import BOT, KERNEL, LISTED, MODERATOR, ORGANISER, Stage, room_id, stage_on

ATTENDEE = "@attendee:example.org"
CREATOR = "@creator:example.org"
"""Of the talk room, whose version is 12: not in its power levels."""
SECOND_CREATOR = "@second-creator:example.org"
NAMED_MODERATOR = "@moderator:evil.example"
"""Calls himself "Moderator"."""
LEFT = "@left:example.org"
"""Was in the hosts' room."""
CLAIMANT = "@claimant:example.org"
"""Says that he speaks in the talk; nobody has confirmed it."""
CONFIRMED = "@confirmed:example.org"
VOTER = "@voter:example.org"
RELAY = "@relay:example.org"
"""Has power level 50, and is listed as speaking for many."""

# Who somebody is, and what that lets him do: `moderator`, `speaker` or nothing.
PEOPLE = {
    "attendee": (ATTENDEE, ""),
    "asker": (ASKER, ""),
    "speaker": (SPEAKER, "speaker"),
    "speaker who claimed it": (CONFIRMED, "speaker"),
    "claim not confirmed": (CLAIMANT, ""),
    "speaker of another talk": (OTHER_SPEAKER, ""),
    "moderator by power level": (MODERATOR, "moderator"),
    "moderator by hosts' room": (HOST, "moderator"),
    "listed": (LISTED, "moderator"),
    "creator": (CREATOR, "moderator"),
    "additional creator": (SECOND_CREATOR, "moderator"),
    "organiser": (ORGANISER, "moderator"),
    "called Moderator": (NAMED_MODERATOR, ""),
    "left the hosts' room": (LEFT, ""),
    "voter": (VOTER, ""),
}
RELAYED = "relayed by one with power"
"""What somebody says through the account of a moderator."""

STATES = ["pending", "open", "starred", "answering", "answered", "dismissed", "merged", "withdrawn"]
NUMBERS = {state: number for number, state in enumerate(STATES, 1)}
TARGET = 9
"""An open question to merge others into."""


async def populate(file: Path) -> None:
    """Bring them all into a database in which the talk rooms are open."""
    async with stage_on(file, **SETTINGS) as stage:
        await stage.start()
        power = {MODERATOR: 50, RELAY: 50, BOT: 50}
        await stage.open(
            KERNEL, power, version="12", creator=CREATOR, additional_creators=[SECOND_CREATOR]
        )
        await stage.open(HOSTS)
        for host, membership in ((HOST, "join"), (LEFT, "leave")):
            await join_hosts(stage, host, membership)
        member = {"membership": "join", "displayname": "Moderator"}
        await stage.state(KERNEL, "m.room.member", member, key=NAMED_MODERATOR)
        for person, _ in PEOPLE.values():
            await stage.open_direct(person)
        await _questions(stage)
        async with stage.database.write() as session:
            for person, confirmed in ((CONFIRMED, True), (CLAIMANT, False)):
                row = Speaker(talk="talk-1", person=person, confirmed=confirmed, at=START)
                session.add(row)
            by = By(ORGANISER, "$mute", START)
            await stage.bot.desk.mute(session, room_id(KERNEL), "@muted:example.org", by)
            for number in NUMBERS.values():
                question = await one(session, number)
                await stage.bot.desk.vote(session, question, VOTER, f"$vote{number}")


async def _questions(stage: Stage) -> None:
    for number in NUMBERS.values():
        assert await ask(stage, f"Question {number}?", pending=number == 1) == number
    assert await ask(stage, "The same, in short?", asker="@other:example.org") == TARGET
    for wanted, actions in {
        "starred": (Action.STAR,),
        "answered": (Action.DONE,),
        "dismissed": (Action.DISMISS,),
        "withdrawn": (Action.WITHDRAW,),
        # Last: `!undo` and the obvious question mean these.
        "answering": (Action.TAKE,),
    }.items():
        await act(stage, NUMBERS[wanted], *actions)
    await act(stage, NUMBERS["merged"], into=TARGET)
    assert [await state(stage, number) for number in NUMBERS.values()] == [
        *STATES[:6],
        f"merged into {TARGET}",
        "withdrawn",
    ]
