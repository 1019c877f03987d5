"""Whatever people and moderators do, in whatever order, the desk has it as the plain model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import log
from fosdembot.questions.desk import NewQuestion
from fosdembot.questions.log import By
from fosdembot.questions.states import Action
from fosdembot.settings import QuestionSettings
from tests.e2e.conference import START

from .beside import Beside, row
from .model import OUTCOMES, Model
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
COMING_AND_GOING = ("join", "join", "leave", "leave removed", "ban", "invite", "mute", "unmute")


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
        self.model = Model(LONGEST, MOST, moderated, count_own_votes, leaving_withdraws_votes)
        self.both = Beside(self.empty, self.model, settings, batch)
        self.desk = self.both.desk
        for talk, person in (("three", "@ada"), ("two", "@bob"), ("one", "@bob"), ("one", "@ada")):
            self._ask(talk, person, "How?", trusted=True)

    def teardown(self) -> None:
        if self.both is not None:
            self.both.close()

    @rule()
    def the_process_dies(self) -> None:
        assert self.both is not None
        self.both.die()

    # Askers.

    @rule(talk=talks, person=people, text=texts, trusted=st.booleans())
    def somebody_asks(self, talk: str, person: str, text: str, trusted: bool) -> None:
        self._ask(talk, person, text, trusted=trusted)

    @rule(talk=talks, nick=st.sampled_from(("Émile", "émile", "zoe")), text=texts)
    def a_relay_asks(self, talk: str, nick: str, text: str) -> None:
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
            event=by.event,
            at=by.at,
            relayed=nick is not None,
            trusted=trusted,
        )
        self.happens(
            lambda session: self.desk.ask(session, new),
            lambda: self.model.ask(by.event, room, talk, person, text, nick=nick, trusted=trusted),
        )

    @rule(place=places, text=texts)
    def its_asker_edits(self, place: int, text: str) -> None:
        plain, by = self.pick(place), self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.edit(session, question, text, by),
            lambda: self.model.edit(plain.event, text),
        )

    @rule(place=places)
    def its_asker_redacts(self, place: int) -> None:
        plain, by = self.pick(place), self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.redact(session, question, by),
            lambda: self.model.redact(plain.event),
        )

    @rule(place=places)
    def its_asker_withdraws(self, place: int) -> None:
        plain, by = self.pick(place), self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.act(session, question, Action.WITHDRAW, by),
            lambda: self.model.withdraw(plain),
        )

    # Moderators.

    @rule(
        place=places,
        actions=st.lists(st.sampled_from(tuple(OUTCOMES)), min_size=1, max_size=3),
    )
    def a_moderator_decides(self, place: int, actions: list[str]) -> None:
        for action in actions:
            self._act(self.pick(place), action)

    def _act(self, plain: Plain, action: str) -> None:
        by = self.by()
        self.happens_to(
            plain,
            lambda session, question: self.desk.act(session, question, Action(action), by),
            lambda: self.model.act(by.event, plain, action),
        )

    @rule(place=places, others=st.lists(places, min_size=1, max_size=3))
    def a_moderator_merges(self, place: int, others: list[int]) -> None:
        into = self.pick(place)
        for other in others:
            if self.pick(other).room == into.room:
                self._merge(self.pick(other), into)

    def _merge(self, plain: Plain, into: Plain) -> None:
        by = self.by()

        async def merge(session: WriteSession, question: Question) -> None:
            await self.desk.merge(session, question, await row(session, into), by)

        self.happens_to(plain, merge, lambda: self.model.merge(by.event, plain, into))

    @rule(place=places, talk=talks, decided=st.booleans())
    def somebody_moves(self, place: int, talk: str, decided: bool) -> None:
        plain, by = self.pick(place), self.by()
        if TALKS[talk] == plain.room:
            self.happens_to(
                plain,
                lambda session, question: self.desk.move(
                    session, question, talk, by, decided=decided
                ),
                lambda: self.model.move(by.event, plain, talk, decided=decided),
            )

    @rule(room=rooms)
    def a_moderator_takes_the_last_decision_back(self, room: str) -> None:
        by = self.by()

        async def undo(session: WriteSession) -> None:
            last = await log.last_decision(session, room)
            if last is not None:
                await self.desk.undo(session, await log.caused_by(session, last.cause), by)

        self.happens(undo, lambda: self.model.undo(room))

    @rule(place=places)
    def a_moderator_takes_a_tap_away(self, place: int) -> None:
        decisions, by = self.model.decisions, self.by()
        if not decisions:
            return
        event = decisions[-1 - place % len(decisions)].event

        async def undo(session: WriteSession) -> None:
            await self.desk.undo(session, await log.caused_by(session, event), by)

        self.happens(undo, lambda: self.model.undo_event(event))

    @rule(talk=talks, closed=st.booleans(), moderated=st.booleans())
    def a_talk_is_closed_or_its_room_moderated(
        self, talk: str, closed: bool, moderated: bool
    ) -> None:
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

    @rule(place=places, persons=st.lists(people, min_size=1, max_size=4))
    def people_vote(self, place: int, persons: list[str]) -> None:
        plain = self.pick(place)
        for person in persons:
            self._vote(plain, person, self.by().event)

    def _vote(self, plain: Plain, person: str, event: str) -> None:
        self.happens_to(
            plain,
            lambda session, question: self.desk.vote(session, question, person, event),
            lambda: self.model.vote(event, plain, person),
            vote=True,
        )

    @rule(place=places, person=people)
    def somebody_unvotes(self, place: int, person: str) -> None:
        plain = self.pick(place)
        self.happens_to(
            plain,
            lambda session, question: self.desk.unvote(session, question, person),
            lambda: self.model.unvote(plain, person),
            vote=True,
        )

    @rule(place=places)
    def a_vote_is_redacted(self, place: int) -> None:
        marks = list(self.model.marks)
        event = marks[-1 - place % len(marks)] if marks else "$unknown"
        self.happens(
            lambda session: self.desk.retract_vote(session, event),
            lambda: self.model.redact(event),
            vote=True,
        )

    @rule(room=rooms, person=people, what=st.sampled_from(COMING_AND_GOING))
    def somebody_may_vote_or_not(self, room: str, person: str, what: str) -> None:
        by = self.by()
        if what in ("mute", "unmute"):
            rules = self.model.mute if what == "mute" else self.model.unmute
            change = self.desk.mute if what == "mute" else self.desk.unmute
            self.happens(
                lambda session: change(session, room, person, by),
                lambda: rules(room, person),
                vote=True,
            )
            return
        membership, removed = what.removesuffix(" removed"), what.endswith(" removed")
        self.happens(
            lambda session: self.desk.membership(session, room, person, membership, removed),
            lambda: self.model.membership(room, person, membership, removed=removed),
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


def test_any_questions_and_votes(machine: type[Talkers]) -> None:
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(max_examples=60, stateful_step_count=80, deadline=None),
    )
