"""Every command and every tap × every role × every place, and the states of a question.

What is expected stands in the tables of `role_table.py`, in those below and in `crowd.PEOPLE`, and
is worked out from nothing else. Each cell is tried in a part of a transaction of which nothing
stays. What somebody may do about a question in each state is decided by the actions, and is tried
for everybody there, in each state. Here somebody with each power tries each command where each
of its outcomes is told, and everybody else what shows who they are taken for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    bindparam,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import table_of
from fosdembot.db.tables import Outgoing, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.content import reaction
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say
from simulation.conference import START
from tests.chat.crowd import NUMBERS, PEOPLE, RELAY, RELAYED, STATES, TARGET
from tests.chat.floor import HOSTS, SETTINGS, keys_of_answers, made, taken_back
from tests.chat.role_table import (
    COMMANDS,
    TAPS,
    WHO,
    decided,
    one_of_each,
    stands,
    stands_then,
    table,
    telling_states,
)
from tests.stage import KERNEL, MODERATOR, MakeStage, Stage, room_id

PLACES = ["talk room", "hosts' room", "direct"]
OFTEN = ["attendee", "asker", "speaker", "moderator by power level"]
"""Who try each command in every place."""
BY_OTHERS = ["take 1", "approve 1", "dismiss 1 why", "merge 1 9", "move 1 2"]
"""What all others try in every place: a command of each kind, and of each power that is needed."""
AT_LARGE_BY_OTHERS = [
    "skip",
    "approve all",
    "qa close",
    "qa mute 2",
    "talk speaker @ada:example.org",
]
"""The same of those that name no question."""

# Commands that name no question, or mean a person; what comes of them. `private`: yes, but
# not where the audience reads.
#
# command                            moderator  speaker  others
AT_LARGE = """
take                                 yes        yes      no
done                                 yes        yes      no
skip                                 yes        yes      no
approve all                          yes        no       no
undo                                 yes        no       no
qa                                   yes        no       no
qa close                             yes        no       no
qa moderated                         yes        no       no
qa guests ask                        yes        no       no
qa mute 2                            private    no       no
qa mute @troll:example.org           private    no       no
qa unmute @muted:example.org         private    no       no
talk speaker @ada:example.org        yes        no       no
talk speaker remove @confirmed:example.org  yes  no      no
"""

# What attendees do, power or not; `+` it comes about.
#
# command      who         pending  open  starred  answering  answered  dismissed  merged  withdrawn
ATTENDEES = """
withdraw 1     the asker   +        +     +        +          -         -          -       -
vote 1         all others  +        +     +        +          +         -          +       -
unvote 1       who voted   +        +     +        +          +         +          +       +
"""


NO_POWER = {
    say(command_texts.ONLY_MODERATORS).plain,
    say(texts.ONLY_SPEAKERS).plain,
    say(texts.SPEAKER_BY_MODERATORS, p="!").plain,
    say(texts.OWN_MOVE_ONLY).plain,
    say(texts.OWN_MOVE_LATE, p="!").plain,
}
REASON_ELSEWHERE = say(texts.REASON_ELSEWHERE).plain
MUTE_ELSEWHERE = say(texts.MUTE_ELSEWHERE).plain


@dataclass(frozen=True)
class Outcome:
    state: str
    """Of the question that was meant."""
    changed: bool
    """Whether anything at all was decided."""
    answer: str
    told: bool
    """Whether the asker was told why."""


@dataclass(frozen=True)
class Trial:
    stage: Stage
    session: WriteSession
    """Of all cells: it reads anew only what the one before has changed."""
    before: list[Any]
    """What had been decided."""

    async def says(self, alias: str, person: str, body: str, number: int) -> Outcome:
        # A name beside it gives no power.
        content = {"msgtype": "m.text", "body": body, "displayname": "Moderator"}
        return await self._sends(alias, person, "m.room.message", content, number)

    async def taps(self, person: str, key: str, number: int) -> Outcome:
        content = reaction(key, f"$asked{number}")
        return await self._sends(KERNEL, person, "m.reaction", content, number)

    async def _sends(
        self, alias: str, person: str, kind: str, content: Json, number: int
    ) -> Outcome:
        """What comes of an event, if it were alone."""
        event, room = made(self.stage, person, kind, content), room_id(alias)
        outcome, session = None, self.session
        async with taken_back(session):
            await session.execute(_SEEN, {"event_id": event["event_id"], "room_id": room})
            await self.stage.router.handle(session, room, event)
            now = await decided(session)
            answer, told = await _answer(session, event["event_id"])
            outcome = Outcome(stands(now, number), now != self.before, answer, told)
        assert outcome is not None
        return outcome


@pytest.fixture
async def trial(make_stage: MakeStage, peopled: Path) -> AsyncIterator[Trial]:
    """It is 10:05: the first talk is on."""
    questions = SETTINGS["questions"] | {"relays": ["@relay:*"]}
    stage = await make_stage(peopled, **SETTINGS | {"questions": questions})
    stage.clock.set(65)
    async with stage.database.write() as session:
        yield Trial(stage, session, await decided(session))


async def _answer(session: AsyncSession, event: str) -> tuple[str, bool]:
    """What was said to whoever sent the event, and whether the asker was told why."""
    rows = await session.execute(_ANSWERS, {"keys": keys_of_answers(event)})
    by_kind = {key.partition("/")[0]: (kind, content) for key, kind, content in rows}
    answer = by_kind.get("answer") or by_kind.get("declined")
    # Behind a relay, who is meant is named in front.
    words = said(*answer).removeprefix("Moderator: ") if answer is not None else ""
    return words, "dismissed" in by_kind


def said(kind: str, content: Json) -> str:
    if kind == "m.reaction":
        return str(content["m.relates_to"]["key"])
    return str(content["body"])


# Each cell needs these: of one statement each, and rows that are no objects.
_SEEN = insert(table_of(SeenEvent)).values(at=START)
_ANSWERS = select(Outgoing.key, Outgoing.event_type, Outgoing.content).where(
    or_(
        Outgoing.key.in_(bindparam("keys", expanding=True)),
        Outgoing.key.startswith("dismissed/"),
    )
)


def expected(least: str, power: str, place: str, state: str, row: str, cell: str) -> Outcome:
    """As the tables have it. Answers are told apart by their kind alone."""
    then = stands_then(least, power, state, cell)
    if then is None:
        return Outcome(state, False, "no power", False)
    if cell == "-":
        return Outcome(state, False, "cannot be done", False)
    changed = then != state
    reason = row.endswith(" why")
    if place == "talk room":
        return Outcome(then, changed, "elsewhere" if reason else "✅", False)
    return Outcome(then, changed, "done" if changed else "already", changed and reason)


def kind(answer: str, power: str) -> str:
    """Who may undo it is told how to."""
    if answer in NO_POWER:
        return "no power"
    if REASON_ELSEWHERE in answer:
        return "elsewhere"
    if "that cannot be done." in answer:
        return "cannot be done"
    if answer.endswith(" already."):
        return "already"
    undo = " Wrong? !undo kernel" if power == "moderator" else ""
    return "done" if answer.endswith(undo) and " now" in answer else answer


def where(place: str, person: str) -> str:
    return {"talk room": KERNEL, "hosts' room": HOSTS, "direct": f"#direct-{person[1:]}"}[place]


def speaks(who: str, body: str) -> tuple[str, str, str]:
    """The account, what it says, and its power."""
    if who == RELAYED:
        return MODERATOR, f"<Moderator> {body}", ""
    person, power = PEOPLE[who]
    return person, body, power


def tried_states(who: str, power: str, cells: list[str]) -> set[str]:
    """The states in which they try what has these outcomes: who has power and is one of `OFTEN`
    in one of each outcome, and everybody in those that tell who may."""
    told = telling_states(cells)
    return told | one_of_each(cells) if who in OFTEN and power else told


@pytest.mark.parametrize("who", WHO)
async def test_commands_about_a_question(trial: Trial, who: str) -> None:
    wrong = {}
    for place, (row, (least, *cells)) in product(PLACES, COMMANDS.items()):
        if who not in OFTEN and row not in BY_OTHERS:
            continue
        tried = tried_states(who, speaks(who, "")[2], cells)
        for before, cell in zip(STATES, cells, strict=True):
            if before not in tried:
                continue
            word, _, rest = row.partition(" 1")
            number = NUMBERS[before]
            person, body, power = speaks(who, f"!{word} {number}{rest}")
            got = await trial.says(where(place, person), person, body, number)
            got = replace(got, answer=kind(got.answer, power))
            want = expected(least, power, place, before, row, cell)
            if got != want:
                wrong[f"!{row}, {before}, {place}"] = (got, want)
    assert wrong == {}


@pytest.mark.parametrize("who", [*PEOPLE, "relay"])
async def test_taps(trial: Trial, who: str) -> None:
    wrong = {}
    person, power = PEOPLE.get(who, (RELAY, ""))
    for row, (least, *cells) in TAPS.items():
        tried = set(STATES) if power and who in OFTEN else telling_states(cells)
        for before, cell in zip(STATES, cells, strict=True):
            if before not in tried:
                continue
            got = await trial.taps(person, row, NUMBERS[before])
            want = expected(least, power, "talk room", before, row, cell)
            if got != replace(want, answer=""):
                wrong[f"{row}, {before}"] = (got, want)
    assert wrong == {}


@pytest.mark.parametrize("who", WHO)
async def test_other_commands(trial: Trial, who: str) -> None:
    wrong = {}
    for place, (row, cells) in product(PLACES, table(AT_LARGE).items()):
        if who not in OFTEN and row not in AT_LARGE_BY_OTHERS:
            continue
        word, _, rest = row.partition(" ")
        named = "" if place == "talk room" or row == "qa mute 2" else " kernel"
        person, body, power = speaks(who, f"!{word}{named} {rest}")
        got = await trial.says(where(place, person), person, body, TARGET)
        cell = dict(zip(("moderator", "speaker", ""), cells, strict=True))[power]
        if cell == "private":
            cell = "elsewhere" if place == "talk room" else "yes"
        if not _fits(got, cell, row):
            wrong[f"!{row}, {place}"] = (got, cell)
    assert wrong == {}


def _fits(got: Outcome, cell: str, row: str) -> bool:
    if cell == "no":
        return not got.changed and got.answer in NO_POWER
    if cell == "elsewhere":
        return not got.changed and got.answer == MUTE_ELSEWHERE
    return got.changed is (row != "qa") and bool(got.answer) and got.answer not in NO_POWER


@pytest.mark.parametrize("who", WHO)
async def test_what_attendees_do(trial: Trial, who: str) -> None:
    wrong = {}
    may = {
        "the asker": who == "asker",
        "all others": who not in ("asker", "voter", RELAYED),
        "who voted": who == "voter",
    }
    for place, (row, (whose, *cells)) in product(PLACES, table(ATTENDEES).items()):
        # Here power does not matter: all others try a state of each outcome in one place.
        concerned = who in ("attendee", "asker", "voter", RELAYED)
        if not concerned and place != PLACES[0]:
            continue
        tried = STATES if concerned and place == PLACES[0] else one_of_each(cells)
        for before, cell in zip(STATES, cells, strict=True):
            if before not in tried:
                continue
            number = NUMBERS[before]
            person, body, _ = speaks(who, f"!{row[:-1]}{number}")
            got = await trial.says(where(place, person), person, body, number)
            if got.changed is not (may[whose] and cell == "+"):
                wrong[f"!{row}, {before}, {place}"] = got
    assert wrong == {}
