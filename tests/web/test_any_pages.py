"""Whatever people do in chat and on pages, in whatever order: an open page shows what one shows
that is opened anew, a person is one vote, and nobody reads what waits for a moderator."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from fosdembot.conference.page_links import LinkKind
from fosdembot.db.page_tables import HallVote
from fosdembot.db.question_tables import Barred, Question, QuestionLog, Vote, VoteMark
from fosdembot.questions.states import HIDDEN
from simulation.stepped_clock import sqlite_at_once
from tests.quick import cases
from tests.stage import empty_database

from .known import guest, key_of, logged_in, overlay_key
from .open_pages import OpenPage
from .page_deeds import KINDS, PEOPLE, Deeds
from .world import HOST, KERNEL, MODERATOR, Scene, started, stepped_scene

__all__ = ["empty_database"]

T = TypeVar("T")
pages = st.integers(0, 15)
HAPPENS: dict[str, tuple[int, tuple[st.SearchStrategy[Any], ...]]] = {
    **KINDS,
    "passes": (4, (st.sampled_from((0.2, 1, 5, 30, 70, 300, 900)),)),
    "loses_connection": (3, (pages,)),
    "comes_back": (5, (pages,)),
    "is_opened_anew": (2, (pages,)),
    "restart": (1, ()),
}
events = st.sampled_from(
    [kind for kind, (often, _) in HAPPENS.items() for _ in range(often)]
).flatmap(lambda kind: st.tuples(st.just(kind), *HAPPENS[kind][1]))


class Visits(RuleBasedStateMachine, Deeds):
    scene: Scene
    settings: Mapping[str, Any]

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        Deeds.__init__(self)
        self.runner = asyncio.Runner()
        self.exit, self.up = AsyncExitStack(), AsyncExitStack()
        self.folder = Path(tempfile.mkdtemp())
        self.pages: list[OpenPage] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        self.do(self._begin())

    async def _begin(self) -> None:
        self.exit.enter_context(sqlite_at_once())
        self.server = self.scene.begin(self.folder)
        await self._start()
        self.pages = await self._people_with_pages()
        for each in self.pages:
            await each.open(self.world)

    async def _start(self) -> None:
        up = started(
            self.folder,
            self.server,
            self.scene.listening(),
            programme=self.talks.values(),
            **self.settings,
        )
        self.world = await self.up.enter_async_context(up)

    async def _people_with_pages(self) -> list[OpenPage]:
        bot, database = self.world.bot, self.world.database
        for person in (*PEOPLE, MODERATOR, HOST):
            headers = await logged_in(bot, database, person, person[1:4])
            self.persons[person] = {"headers": headers}
        for talk in ("talk-1", "talk-1", "talk-2"):
            name, _, token = (await guest(bot, database, talk, minutes=60 * 12)).partition("=")
            self.guests.append({"cookie": {name: token}})
        speaker = {"key": await key_of(bot, database, "talk-1")}
        link = {"key": await key_of(bot, database, "talk-1", LinkKind.MODERATOR, "Link")}
        overlay = {"key": await overlay_key(bot, database, KERNEL)}
        self.links = {"speaker": speaker, "link": link}
        host, moderator = self.persons[HOST], self.persons[MODERATOR]
        room, talk, hosts = "/r/kernel", "/talk", "/r/kernel/moderate"
        return [
            OpenPage(room, f"{room}/events"),
            OpenPage(f"{room}?order=newest", f"{room}/events?order=newest"),
            OpenPage(f"{room}?order=fair", f"{room}/events?order=fair", is_in_order=False),
            OpenPage(f"{room}/t/talk-1", f"{room}/events?talk=talk-1"),
            OpenPage(f"{room}/t/talk-2", f"{room}/events?talk=talk-2"),
            OpenPage(f"{room}?view=stage", f"{room}/events?view=stage"),
            OpenPage("/r/cloud", "/r/cloud/events"),
            OpenPage("/", "/events"),
            OpenPage("", "/overlay/events", overlay),
            OpenPage(talk, f"{talk}/events", speaker),
            OpenPage(f"{talk}?view=backstage", f"{talk}/events?view=backstage", speaker),
            OpenPage(f"{talk}?view=aloud", f"{talk}/events?view=aloud", speaker),
            OpenPage(f"{talk}?view=card", f"{talk}/events?view=card", speaker),
            OpenPage(talk, f"{talk}/events", link, is_public=False),
            OpenPage(hosts, f"{hosts}/events", host, is_public=False),
            OpenPage(f"{hosts}?talk=talk-2", f"{hosts}/events?talk=talk-2", moderator, False),
        ]

    def teardown(self) -> None:
        async def end() -> None:
            for each in self.pages:
                await each.close()
            await self.up.aclose()
            await self.exit.aclose()

        self.do(end())
        self.runner.close()
        shutil.rmtree(self.folder)

    # One rule for all: Hypothesis leaves some rules out of each run, and few would be full.
    @rule(happening=st.lists(events, min_size=8, max_size=30), at_once=st.booleans())
    def much_happens(self, happening: list[tuple[Any, ...]], at_once: bool) -> None:
        async def all_of_it() -> None:
            for kind, *what in happening:
                await getattr(self, kind)(*what)
                if not at_once:
                    await self.world.stepped.advance(0.3)
            await self.world.stepped.advance(2.5)
            await self._all_is_true()

        self.do(all_of_it())

    async def passes(self, seconds: float) -> None:
        await self.world.stepped.advance(seconds)

    async def loses_connection(self, place: int) -> None:
        await self.pages[place].close()

    async def comes_back(self, place: int) -> None:
        page = self.pages[place]
        if not page.is_open:
            await page.open(self.world, after=page.stream)

    async def is_opened_anew(self, place: int) -> None:
        await self.pages[place].open(self.world)

    async def restart(self) -> None:
        for each in self.pages:
            await each.close()
        await self.up.aclose()
        await self._start()
        await self.world.stepped.rest()
        for each in self.pages:
            await each.open(self.world, after=each.stream)

    # What is true.

    async def _all_is_true(self) -> None:
        await self.world.stepped.rest()
        await self._one_person_is_one_vote()
        await self._open_pages_are_true()
        await self._own_votes_are_pressed()

    async def _one_person_is_one_vote(self) -> None:
        """Over all questions that were merged; askers, and those who are muted, count nothing."""
        async with self.world.database.read() as session:
            self.questions = {each.id: each for each in await session.scalars(select(Question))}
            self.votes = list(await session.scalars(select(Vote)))
            hall = list(await session.scalars(select(HallVote)))
            barred = {(each.scope, each.person) for each in await session.scalars(select(Barred))}
            marks = {(m.question_id, m.person) for m in await session.scalars(select(VoteMark))}
        assert {(vote.question_id, vote.person) for vote in self.votes} == marks
        merged: dict[int, set[int]] = defaultdict(set)
        for question in self.questions.values():
            merged[question.root or question.id].add(question.id)
        for root, ids in merged.items():
            question = self.questions[root]
            askers = {self.questions[each].asker for each in ids}
            out = askers | {person for scope, person in barred if scope == question.scope}
            persons = {vote.person for vote in self.votes if vote.question_id in ids}
            guests = {vote.guest for vote in hall if vote.question_id in ids}
            assert question.votes == len(persons - out)
            assert question.hall_votes == len(guests - out)
        answering = [q.talk for q in self.questions.values() if q.state == "answering"]
        assert len(answering) == len(set(answering))

    async def _open_pages_are_true(self) -> None:
        secrets = await self._never_shown()
        seen = []
        for each in self.pages:
            if not each.is_open or (wanted := await each.anew(self.world)) is None:
                continue
            await each.comes_to_show(wanted)
            await each.is_served_as(wanted, self.world)
            each.tells_none_of(secrets)
            seen.append((each, wanted))
        # Nobody was told of a change: if one was forgotten, it is seen only now.
        self.world.bot.pages.live.talks_changed()
        for each, told in seen:
            assert await each.anew(self.world) == told, each.path

    async def _never_shown(self) -> set[str]:
        """Texts of those that no moderator has let through, ever."""
        async with self.world.database.read() as session:
            logs = list(await session.scalars(select(QuestionLog).order_by(QuestionLog.id)))
        shown = {
            log.question_id
            for log in logs
            if (log.after or {}).get("state", "pending") not in HIDDEN
        }
        return {
            question.text
            for question in self.questions.values()
            if question.state == "pending" and question.id not in shown and question.text
        }

    async def _own_votes_are_pressed(self) -> None:
        here = {f"talk-{id}" for id, talk in self.talks.items() if talk.chat_room == KERNEL}
        for person in PEOPLE:
            answer = await self.world.get("/r/kernel/mine", **self.persons[person])
            if not here and answer.status == 404:
                continue  # where no talks are any more, there is no page
            pressed = answer.json["pressed"]
            voted = [
                self.questions[each.question_id] for each in self.votes if each.person == person
            ]
            assert {f"q{each.root}" for each in voted if each.talk in here} <= set(pressed)
            assert len(pressed) == len(set(pressed))


RANKED = {"guests": "ask_and_vote", "guest_votes_rank": True}


@pytest.mark.usefixtures("nothing_fails")
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"pages": {"guests": "ask_and_vote"}}, id="usual"),
        pytest.param({"pages": {**RANKED, "stage_top": True}}, id="guests rank"),
        pytest.param(
            {"pages": RANKED, "questions": {"moderated": True, "open_per_person": 100}},
            id="moderated",
        ),
    ],
)
def test_any_pages(settings: Mapping[str, Any], empty_database: Path, tmp_path: Path) -> None:
    class Machine(Visits):
        pass

    Machine.settings = settings
    Machine.scene = asyncio.run(stepped_scene(tmp_path, empty_database, **settings))
    run_state_machine_as_test(
        Machine,
        settings=hypothesis_settings(max_examples=cases(5), stateful_step_count=4, deadline=None),
    )
