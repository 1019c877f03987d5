"""Every decision about a question × everybody × every state of it, by no face."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fosdembot.actions.access import Access
from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.refused import Denial, Refused
from fosdembot.conference.people import People
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions.states import Action
from fosdembot.settings import load
from tests.chat.conftest import make_stage, opened, peopled
from tests.chat.crowd import NUMBERS, PEOPLE, RELAYED, STATES, TARGET
from tests.chat.floor import SETTINGS, one, taken_back
from tests.chat.role_table import COMMANDS, WHO, decided, stands, stands_then
from tests.stage import LISTED, MODERATOR, ORGANISER, MakeStage, Stage
from tests.unheard import unheard

# pytest finds its fixtures here.
__all__ = ["make_stage", "opened", "peopled"]

Do = Callable[[Deciding, WriteSession, Actor, Question], Awaitable[object]]


def _act(action: Action) -> Do:
    return lambda deciding, session, actor, question: deciding.decide(
        session, actor, question, action
    )


async def _merge(
    deciding: Deciding, session: WriteSession, actor: Actor, question: Question
) -> None:
    await deciding.merge(session, actor, question, await one(session, TARGET))


async def _move(
    deciding: Deciding, session: WriteSession, actor: Actor, question: Question
) -> None:
    await deciding.move(session, actor, question, "talk-2")


DO: dict[str, Do] = {
    "take 1": _act(Action.TAKE),
    "done 1": _act(Action.DONE),
    "skip 1": _act(Action.SKIP),
    "star 1": _act(Action.STAR),
    "unstar 1": _act(Action.UNSTAR),
    "approve 1": _act(Action.APPROVE),
    "dismiss 1": _act(Action.DISMISS),
    "restore 1": _act(Action.RESTORE),
    "merge 1 9": _merge,
    "move 1 2": _move,
}
SAID_OTHERWISE = {"dismiss 1 why", "move 1 next"}
"""Only in chat; they decide as `dismiss` and `move` do."""


@dataclass(frozen=True)
class Trial:
    stage: Stage
    deciding: Deciding
    session: WriteSession
    before: list[Any]
    """What had been decided."""

    async def does(self, who: str, row: str, state: str) -> tuple[str, bool, str]:
        """How the question stands then, whether anything was decided, and what came of it."""
        person = MODERATOR if who == RELAYED else PEOPLE[who][0]
        now = self.stage.clock.now()
        actor = Actor(
            person, relayed=who == RELAYED, face=CHAT, act=f"${row}/{state}", at=now, now=now
        )
        question = await one(self.session, NUMBERS[state])
        why, after = "done", self.before
        async with taken_back(self.session):
            try:
                await DO[row](self.deciding, self.session, actor, question)
            except Refused as err:
                why = "no power" if err.why is Denial.NOT_ALLOWED else "cannot be done"
            after = await decided(self.session)
        return stands(after, NUMBERS[state]), after != self.before, why


@pytest.fixture
async def trial(make_stage: MakeStage, peopled: Path) -> AsyncIterator[Trial]:
    """It is 10:05: the first talk is on. Nobody is told what is decided."""
    stage = await make_stage(peopled, **SETTINGS)
    stage.clock.set(65)
    settings, _ = load({"organisers": [ORGANISER], "moderators": [LISTED], **SETTINGS})
    bot = stage.bot
    people = People(settings, bot.programme, bot.hosts)
    with unheard(bot.desk) as desk:
        deciding = Deciding(desk, Access(people), RoomViews(bot.programme, settings))
        async with stage.database.write() as session:
            yield Trial(stage, deciding, session, await decided(session))


def test_the_table_has_no_other_rows() -> None:
    assert {*DO, *SAID_OTHERWISE} == set(COMMANDS)


@pytest.mark.parametrize("who", WHO)
async def test_decisions(trial: Trial, who: str) -> None:
    wrong = {}
    power = "" if who == RELAYED else PEOPLE[who][1]
    for row in DO:
        least, *cells = COMMANDS[row]
        for before, cell in zip(STATES, cells, strict=True):
            got = await trial.does(who, row, before)
            then = stands_then(least, power, before, cell)
            if then is None:
                want = (before, False, "no power")
            elif cell == "-":
                want = (before, False, "cannot be done")
            else:
                want = (then, then != before, "done")
            if got != want:
                wrong[f"{row}, {before}"] = (got, want)
    assert wrong == {}
