"""Whatever happens in room and meeting, in whatever order, and however often the bot and its
connection break: no line is said twice, no more is shown of what nobody may read, and in the end
the meeting has seen what is true."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from fosdembot.db.question_tables import Question
from fosdembot.jitsi.meeting import MeetingError, Trouble
from fosdembot.questions.refusals import Refused
from fosdembot.questions.states import HIDDEN, Action
from tests.quick import cases
from tests.stage import stage_on

from .hall import QA, Hall
from .settings import SETTINGS
from .stand_in import Crash

T = TypeVar("T")
NUMBERS = st.integers(1, 4)
DECISIONS = st.sampled_from(
    [Action.TAKE, Action.DONE, Action.SKIP, Action.STAR, Action.DISMISS, Action.RESTORE]
)
TYPED = st.sampled_from(["!next", "!done", "!skip", "!top", "!star 2", "!answer Yes.", "!next 3"])


class Meeting(RuleBasedStateMachine):
    database: Path
    """Of a bot that is in its rooms, to be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.database.parent))
        self.runner = asyncio.Runner()
        self.exit = AsyncExitStack()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        async def open_hall() -> Hall:
            file = Path(shutil.copy(self.database, self.folder / "bot.db"))
            stage = await self.exit.enter_async_context(stage_on(file, **SETTINGS))
            await stage.start()
            hall = Hall(stage)
            hall.at(QA)
            return hall

        self.hall = self.do(open_hall())
        self.asked = 0

    # What happens.

    @rule()
    def somebody_asks(self) -> None:
        if self.asked < 4:
            self.asked += 1
            self.do(self.hall.ask(f"Question {self.asked} of many, with words of its own?"))

    @rule(number=NUMBERS)
    def somebody_votes(self, number: int) -> None:
        if number <= self.asked:
            self.do(self.hall.vote(number))

    @rule(number=NUMBERS, action=DECISIONS)
    def a_host_decides(self, number: int, action: Action) -> None:
        async def decide() -> None:
            with suppress(Refused):
                await self.hall.act(number, action)

        if number <= self.asked:
            self.do(decide())

    @rule(number=NUMBERS, version=st.integers(1, 3))
    def the_asker_edits(self, number: int, version: int) -> None:
        if number <= self.asked:
            self.do(self.hall.edit(number, f"Question {number} in other words, {version}?"))

    @rule(number=NUMBERS)
    def the_asker_redacts(self, number: int) -> None:
        if number <= self.asked:
            self.do(self.hall.redact(number))

    @rule(text=TYPED)
    def the_speaker_types(self, text: str) -> None:
        self.do(self.hall.hear(self.hall.meeting.hears(text)))

    @rule(seconds=st.sampled_from([1, 6, 30]))
    def time_passes(self, seconds: int) -> None:
        if self.hall.stage.clock.minutes + seconds / 60 < QA + 2:
            self.hall.later(seconds / 60)

    @rule()
    def the_bot_says_a_line(self) -> None:
        self.hall.bridge.changed()
        self.do(self.hall.bridge.step(self.hall.connection))

    @rule(hook=st.sampled_from(["before", "after"]), is_crash=st.booleans())
    def it_breaks_while_a_line_is_said(self, hook: str, is_crash: bool) -> None:
        async def breaks(_: str) -> None:
            raise Crash if is_crash else MeetingError(Trouble.AWAY)

        async def go() -> None:
            setattr(self.hall.connection, hook, breaks)
            self.hall.bridge.changed()
            with suppress(Crash, MeetingError):
                await self.hall.bridge.step(self.hall.connection)
            await (self.hall.restart() if is_crash else self.hall.reconnect())

        self.do(go())

    @rule()
    def the_bot_starts_anew(self) -> None:
        self.do(self.hall.restart())

    # What holds.

    @invariant()
    def no_line_is_said_twice(self) -> None:
        if hasattr(self, "hall"):
            ids = [line.id for line in self.hall.meeting.lines]
            assert len(set(ids)) == len(ids)

    def teardown(self) -> None:
        async def rest() -> None:
            hall = self.hall
            await hall.look()
            hall.at(QA + 3.5)
            await hall.look()
            assert await hall.look() == []
            await self._is_true()

        try:
            if hasattr(self, "hall"):
                self.do(rest())
        finally:
            self.do(self.exit.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)

    async def _is_true(self) -> None:
        hall = self.hall
        async with hall.stage.database.read() as session:
            questions = (await session.scalars(select(Question))).all()
            told = await hall.bridge.telling.told(session, "talk-1")
        readable = "\n".join(hall.meeting.readable)
        for question in questions:
            if question.state in HIDDEN:
                assert f"{question.number} (" not in _shown(hall.meeting.readable, question)
        best = await _best(hall)
        if best is None:
            assert told is None or told.question is None or not told.waits
        else:
            assert told is not None
            assert told.question == best.id
            assert best.text in readable


def _shown(readable: list[str], question: Question) -> str:
    return "\n".join(line for line in readable if f"Question {question.number} " in line)


async def _best(hall: Hall) -> Question | None:
    """By the desk's own order, in words of this test."""
    async with hall.stage.database.read() as session:
        waiting = [
            question
            for question in await session.scalars(select(Question).order_by(Question.id))
            if question.state in ("open", "starred", "answering")
        ]
    places = ["answering", "starred", "open"]
    return min(
        waiting,
        key=lambda q: (places.index(q.state), q.skipped, -q.votes, q.id),
        default=None,
    )


@pytest.mark.usefixtures("nothing_fails")
def test_whatever_happens_each_line_is_said_once_and_the_last_is_true(opened_talks: Path) -> None:
    Meeting.database = opened_talks
    run_state_machine_as_test(
        Meeting,
        settings=hypothesis_settings(max_examples=cases(12), stateful_step_count=20, deadline=None),
    )
