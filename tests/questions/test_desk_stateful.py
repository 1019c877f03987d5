"""Whatever people and moderators do, in whatever order, the desk has it as the plain model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import log, lookup
from fosdembot.questions.by import By
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action
from fosdembot.questions.votes import Cast
from fosdembot.settings import QuestionSettings
from simulation.conference import START
from simulation.stepped_clock import sqlite_at_once

from .beside import Beside, row
from .model import OUTCOMES, RELAYS, Model
from .model import Question as Plain

TALKS = {"one": "!kernel", "two": "!kernel", "three": "!cloud"}
"""The room of each."""
LONGEST = 30
MOST = 3

talks = st.sampled_from(("one", "one", "two", "three"))
rooms = st.sampled_from(("!kernel", "!kernel", "!cloud"))
people = st.sampled_from(("@ada", "@bob", "@cleo", "@relay"))
texts = st.sampled_from(("How?", "Why?", "HOW?", "Who?", "", "x" * (LONGEST + 1)))
places = st.integers(0, 4)
"""Of a question among those asked, the newest first."""
yes_or_no = st.booleans()

# How often, and with what.
KINDS: dict[str, tuple[int, tuple[st.SearchStrategy[Any], ...]]] = {
    "ask": (6, (talks, people, texts, yes_or_no)),
    "ask_for": (1, (talks, st.sampled_from(("Émile", "émile", "zoe")), texts)),
    "edit": (3, (places, texts)),
    "redact": (1, (places,)),
    "withdraw": (1, (places,)),
    "act": (9, (places, st.sampled_from(tuple(OUTCOMES)))),
    "merge": (5, (places, places)),
    "move": (2, (places, talks, yes_or_no)),
    "undo": (3, (rooms,)),
    "untap": (3, (places,)),
    "close_or_moderate": (1, (talks, yes_or_no, yes_or_no)),
    "vote": (9, (places, people)),
    "vote_at_once": (9, (places, st.lists(people, min_size=1, max_size=3), yes_or_no, yes_or_no)),
    "unvote": (2, (places, people)),
    "redact_vote": (3, (places,)),
    "come_or_go": (4, (rooms, people, st.sampled_from(("join", "leave", "kick", "ban")))),
    "die": (2, ()),
    "mute": (2, (rooms, people, yes_or_no)),
}
events = st.sampled_from(
    [kind for kind, (often, _) in KINDS.items() for _ in range(often)]
).flatmap(lambda kind: st.tuples(st.just(kind), *KINDS[kind][1]))


class Talkers(RuleBasedStateMachine):
    empty: Path
    """A database, to be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.both: Beside | None = None
        self.events = 0

    @initialize(
        batch=st.integers(1, 5),
        moderated=st.booleans(),
        count_own_votes=st.booleans(),
        leaving_withdraws_votes=st.booleans(),
    )
    def begin(
        self, batch: int, moderated: bool, count_own_votes: bool, leaving_withdraws_votes: bool
    ) -> None:
        settings = QuestionSettings(
            longest=LONGEST,
            open_per_person=MOST,
            moderated=moderated,
            count_own_votes=count_own_votes,
            leaving_withdraws_votes=leaving_withdraws_votes,
        )
        self.model = Model(
            longest=LONGEST,
            open_per_person=MOST,
            moderated_by_default=moderated,
            count_own_votes=count_own_votes,
            leaving_withdraws_votes=leaving_withdraws_votes,
        )
        self.both = Beside(self.empty, self.model, settings, batch)
        self.desk = self.both.desk
        for talk, person in (("three", "@ada"), ("two", "@bob"), ("one", "@bob"), ("one", "@ada")):
            self._ask(talk, person, "How?", trusted=True)

    def teardown(self) -> None:
        if self.both is not None:
            self.both.close()

    # One rule for all: Hypothesis leaves some rules out of each run, and few would be full.
    @rule(happening=st.lists(events, min_size=3, max_size=12))
    def much_happens(self, happening: list[tuple[Any, ...]]) -> None:
        for kind, *what in happening:
            getattr(self, kind)(*what)

    def die(self) -> None:
        assert self.both is not None
        self.both.die()

    # Askers.

    def ask(self, talk: str, person: str, text: str, trusted: bool) -> None:
        self._ask(talk, person, text, trusted=trusted)

    def ask_for(self, talk: str, nick: str, text: str) -> None:
        self._ask(talk, "@relay", text, nick=nick)

    def _ask(
        self, talk: str, person: str, text: str, nick: str | None = None, trusted: bool = False
    ) -> None:
        by, room = self.by(), TALKS[talk]
        new = NewQuestion(
            room=room,
            talk=talk,
            text=text,
            asker=person,
            name=nick or person,
            cause=by.cause,
            at=by.at,
            relayed=nick is not None,
            relay=person in RELAYS,
            trusted=trusted,
        )
        self.happens(
            lambda session: self.desk.ask(session, new),
            lambda: self.model.ask(by.cause, room, talk, person, text, nick=nick, trusted=trusted),
        )

    def edit(self, place: int, text: str) -> None:
        plain, by = self.pick(place), self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.edit(session, question, text, by),
            lambda: self.model.edit(plain.event, text),
        )

    def redact(self, place: int) -> None:
        plain, by = self.pick(place), self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.redact(session, question, by),
            lambda: self.model.redact(plain.event),
        )

    def withdraw(self, place: int) -> None:
        plain, by = self.pick(place), self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.act(session, question, Action.WITHDRAW, by),
            lambda: self.model.withdraw(plain),
        )

    # Moderators.

    def act(self, place: int, action: str) -> None:
        plain, by = self.pick(place), self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.act(session, question, Action(action), by),
            lambda: self.model.act(by.cause, plain, action),
        )

    def merge(self, place: int, other: int) -> None:
        plain, into, by = self.pick(place), self.pick(other), self.by()
        if plain.room != into.room:
            return

        async def merge(session: WriteSession, question: Question) -> None:
            await self.desk.merge(session, question, await row(session, into), by)

        self.happens_to(plain, merge, lambda: self.model.merge(by.cause, plain, into))

    def move(self, place: int, talk: str, decided: bool) -> None:
        plain, by = self.pick(place), self.by()
        if TALKS[talk] == plain.room:
            self.happens_to(
                plain,
                lambda session, question: self.desk.move(
                    session, question, talk, by, decided=decided
                ),
                lambda: self.model.move(by.cause, plain, talk, decided=decided),
            )

    def undo(self, room: str) -> None:
        by = self.by()

        async def undo(session: WriteSession) -> None:
            last = await log.last_decision(session, room)
            if last is not None:
                await self.desk.undo(session, await log.decided_by(session, last.cause), by)

        self.happens(undo, lambda: self.model.undo(room))

    def untap(self, place: int) -> None:
        decisions, by = self.model.decisions, self.by()
        if not decisions:
            return
        event = decisions[-1 - place % len(decisions)].event

        async def undo(session: WriteSession) -> None:
            await self.desk.undo(session, await log.decided_by(session, event), by)

        self.happens(undo, lambda: self.model.undo_cause(event))

    def close_or_moderate(self, talk: str, closed: bool, moderated: bool) -> None:
        by, room = self.by(), TALKS[talk]
        change = self.model.closed.add if closed else self.model.closed.discard
        self.happens(
            lambda session: self.desk.set_closed(session, room, talk, closed, by),
            lambda: change(talk),
        )
        self.happens(
            lambda session: self.desk.set_moderated(session, room, moderated, by),
            lambda: self.model.moderated.update({room: moderated}),
        )

    # Voters.

    def vote(self, place: int, person: str) -> None:
        plain, event = self.pick(place), self.by().cause
        self.happens_to(
            plain,
            lambda session, question: self.desk.vote(session, question, person, event),
            lambda: self.model.vote(event, plain, person),
            vote=True,
        )

    def vote_at_once(
        self, place: int, persons: Sequence[str], alone: bool, fails_once: bool
    ) -> None:
        """As reactions do: one by one, or all of a batch."""
        plain = self.pick(place)
        for few in [[each] for each in persons] if alone else [persons]:
            self._vote_at_once(plain, {self.by().cause: person for person in few}, fails_once)

    def _vote_at_once(self, plain: Plain, causes: Mapping[str, str], fails_once: bool) -> None:
        def rules() -> None:
            for cause, person in causes.items():
                self.model.vote(cause, plain, person)

        assert self.both is not None
        self.both.at_once(partial(self._cast, plain, causes), rules, fails_once=fails_once)

    def _cast(
        self, plain: Plain, causes: Mapping[str, str], connection: Connection
    ) -> Callable[[], None]:
        target = lookup.targets(connection, [plain.event]).get(plain.event)
        assert target is not None
        return self.desk.vote_at_once(
            connection,
            [Cast(target.question, target.root, person, cause) for cause, person in causes.items()],
        )

    def unvote(self, place: int, person: str) -> None:
        plain = self.pick(place)
        self.happens_to(
            plain,
            lambda session, question: self.desk.unvote(session, question, person),
            lambda: self.model.unvote(plain, person),
            vote=True,
        )

    def redact_vote(self, place: int) -> None:
        marks = list(self.model.marks)
        event = marks[-1 - place % len(marks)] if marks else "$unknown"
        self.happens(
            lambda session: self.desk.retract_vote(session, event),
            lambda: self.model.redact(event),
            vote=True,
        )

    def come_or_go(self, room: str, person: str, what: str) -> None:
        membership, removed = ("leave", True) if what == "kick" else (what, what == "ban")
        self.happens(
            lambda session: self.desk.membership(session, room, person, membership, removed),
            lambda: self.model.membership(room, person, membership, removed=removed),
            vote=True,
        )

    def mute(self, room: str, person: str, muted: bool) -> None:
        by, rules = self.by(), self.model.mute if muted else self.model.unmute
        change = self.desk.mute if muted else self.desk.unmute
        self.happens(
            lambda session: change(session, room, person, by),
            lambda: rules(room, person),
            vote=True,
        )

    # How they do it.

    def happens(
        self,
        work: Callable[[WriteSession], Awaitable[object]],
        rules: Callable[[], object],
        *,
        vote: bool = False,
    ) -> None:
        assert self.both is not None
        self.both.event(work, rules, vote=vote)

    def happens_to(
        self,
        plain: Plain,
        work: Callable[[WriteSession, Question], Awaitable[object]],
        rules: Callable[[], object],
        *,
        vote: bool = False,
    ) -> None:
        async def do(session: WriteSession) -> None:
            await work(session, await row(session, plain))

        self.happens(do, rules, vote=vote)

    def pick(self, place: int) -> Plain:
        return self.model.questions[-1 - place % len(self.model.questions)]

    def by(self) -> By:
        """A moderator, by a new event, a second after the one before."""
        self.events += 1
        at = START + timedelta(seconds=self.events)
        return By("@moderator", f"$event{self.events}", at)


@pytest.fixture
def machine(empty_database: Path) -> type[Talkers]:
    Talkers.empty = empty_database
    return Talkers


@pytest.mark.usefixtures("nothing_fails")
def test_any_questions_and_votes(machine: type[Talkers]) -> None:
    with sqlite_at_once():
        run_state_machine_as_test(
            machine,
            settings=hypothesis_settings(max_examples=30, stateful_step_count=10, deadline=None),
        )
