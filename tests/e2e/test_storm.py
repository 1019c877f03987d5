"""Events at random in many rooms, the bot killed three times: at the end its database says what
the rooms' histories say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, literal_column, select

from fosdembot.db.engine import Database, postgresql, sqlite
from fosdembot.db.question_tables import Question, Vote, VoteMark
from fosdembot.db.tables import FailedEvent, SeenEvent
from simulation.conference import MANY, START, settings
from simulation.homeserver import Homeserver
from simulation.postgres import Postgres
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson
from tests.questions.model import Model

from .replay import Replay
from .storm import Meant, Storm
from .storm_world import HAND_OVER, World, make_world

Histories = dict[str, list[dict[str, Any]]]
KILLS = 3
DOWN = 100
"""Events that are sent while the bot does not run."""


@dataclass(frozen=True)
class Standing:
    """A question as it ought to be, or is."""

    room: str
    number: int
    talk: str
    text: str
    state: str
    skipped: bool
    into: str | None
    votes: int | None
    """None for a merged one."""
    marks: frozenset[tuple[str, str]]
    """Events that vote for it, and their senders."""


@pytest.mark.parametrize(
    ("kind", "events", "people", "rooms"), [("sqlite", 1_500, 50, 5), ("postgresql", 600, 40, 4)]
)
async def test_a_storm(
    kind: str,
    events: int,
    people: int,
    rooms: int,
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    postgres: Postgres,
    new_folder: Path,
) -> None:
    world = await make_world(homeserver, person, new_folder, people=people, rooms=rooms)
    config = settings(
        world.schedule,
        # About in the middle on a quick machine.
        at=HAND_OVER - (5 + events / 150) / 60,
        limits=MANY,
        questions={"open_per_person": 3, "vote_emoji": ["❤️"]},
    )
    url = await postgres.create_database(new_folder.name) if kind == "postgresql" else None
    bot = bot_factory(world.account, config, database=url)
    await bot.start()
    await _joined(world)
    database = postgresql(url) if url else sqlite(str(bot.folder / "bot.db"))
    try:
        storm = Storm(world, partial(_seen, database), seed=20260131)
        for killed in range(KILLS):
            if killed == KILLS - 1:
                await wait_for(partial(_has_passed, _hand_over(config)), 60, "the hand-over")
            await storm.blow(events // (KILLS + 1) - DOWN)
            bot.kill()
            storm.bot_runs = False
            await storm.blow(DOWN)
            storm.bot_runs = True
            bot.launch()
        await storm.blow(events - storm.sent)
        await _caught_up(world)
        await bot.stop()
        found, taken = await _found(database), await _taken(database)
    finally:
        await database.close()
    model, histories = await _retold(world, storm, config, taken)
    expected = _expected(model)
    differences = list(_differences(expected, found, histories, storm.meant))
    assert not differences, "\n".join(differences[:200])
    assert len(found) > events / 20
    assert len({standing.talk for standing in found.values()}) == 2 * rooms
    assert sum(standing.votes or 0 for standing in found.values()) > events / 10


async def _joined(world: World) -> None:
    """What is said before the bot is there does not concern it."""
    for room in world.rooms:

        async def is_in(room: str = room.id) -> bool:
            events = await world.admin.events(room)
            return any(
                event["type"] == "m.room.member"
                and event["state_key"] == world.account.user_id
                and event["content"]["membership"] == "join"
                for event in events
            )

        await wait_for(is_in, 60, f"the bot in {room.alias}", every=0.2)


async def _seen(database: Database, event: str) -> bool:
    async with database.read() as session:
        return await session.get(SeenEvent, event) is not None


async def _caught_up(world: World) -> None:
    """Until the bot has answered in every room, and so has seen all that came before."""
    for room in world.rooms:
        last = await world.admin.send(room.id, "!help")

        async def answered(room: str = room.id, last: str = last) -> bool:
            return await world.admin.answer_to(room, last, world.account.user_id) is not None

        await wait_for(answered, 300, f"the last answer in {room.alias}", every=0.5)


async def _taken(database: Database) -> dict[str, int]:
    """In which order the bot took the events: by transaction, and within one by their place in
    the table, in which nothing was ever deleted."""
    on_sqlite = database.engine.dialect.name == "sqlite"
    names = ("rowid",) if on_sqlite else ("xmin::text::bigint", "ctid")
    order: list[ColumnElement[Any]] = [literal_column(name) for name in names]
    async with database.read() as session:
        events = await session.scalars(select(SeenEvent.event_id).order_by(*order))
        return {event: place for place, event in enumerate(events)}


def _in_order(
    history: Iterable[dict[str, Any]], rounds: Mapping[str, int], taken: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Two events that are sent at the same time have no order on which all agree who read the
    room: Synapse's `/sync` and `/messages` may differ. Of a round they come as the bot took
    them; who comes or goes does so between two rounds."""
    places, current = {}, 0
    for event in history:
        name = event["event_id"]
        current = rounds.get(name, current)
        last = (current, len(taken))
        places[name] = (current, taken[name]) if name in rounds and name in taken else last
    return sorted(history, key=lambda event: places[event["event_id"]])


def _hand_over(config: Mapping[str, Any]) -> datetime:
    """When, by the machine's clock, in each room one talk follows the other."""
    clock = {key: config["clock"][key] for key in ("start", "wall_start")}
    start, wall_start = map(datetime.fromisoformat, clock.values())
    return wall_start + (START + timedelta(minutes=HAND_OVER) - start)


async def _has_passed(moment: datetime) -> bool:
    return datetime.now(UTC) > moment


async def _retold(
    world: World, storm: Storm, config: Mapping[str, Any], taken: Mapping[str, int]
) -> tuple[Model, Histories]:
    moderators = {who.user_id for who in world.moderators}
    model = Model(open_per_person=3)
    replay = Replay(model, storm.meant, moderators, _hand_over(config).timestamp() * 1000)
    histories = {}
    for room in world.rooms:
        first, second = (f"talk-{talk}" for talk in room.talks)
        history = await world.admin.events(room.id)
        histories[room.id] = _in_order(history, storm.rounds, taken)
        for event in histories[room.id]:
            replay.tell(room.id, (first, second), event)
    assert list(model.faults()) == []
    return model, histories


def _expected(model: Model) -> dict[str, Standing]:
    return {
        question.event: Standing(
            question.room,
            question.number,
            question.talk,
            question.text,
            question.state,
            question.skipped,
            question.into.event if question.into else None,
            None if question.into else len(model.voters(question)),
            frozenset((e, who) for e, (voted, who) in model.marks.items() if voted is question),
        )
        for question in model.questions
    }


async def _found(database: Database) -> dict[str, Standing]:
    async with database.read() as session:
        assert (await session.scalars(select(FailedEvent.error))).all() == []
        questions = list(await session.scalars(select(Question)))
        marks = list(await session.scalars(select(VoteMark)))
        votes = {(v.question_id, v.person) for v in await session.scalars(select(Vote))}
    assert votes == {(mark.question_id, mark.person) for mark in marks}
    sources = {question.id: question.source or "" for question in questions}
    return {
        question.source or "": Standing(
            question.scope,
            question.number,
            question.talk,
            question.text,
            question.state,
            question.skipped,
            sources[question.merged_into] if question.merged_into else None,
            None if question.merged_into else question.votes,
            frozenset((m.cause, m.person) for m in marks if m.question_id == question.id),
        )
        for question in questions
    }


def _differences(
    expected: Mapping[str, Standing],
    found: Mapping[str, Standing],
    histories: Histories,
    meant: Mapping[str, Meant],
) -> Iterator[str]:
    """Each with the history that led to it."""
    for event in expected.keys() | found.keys():
        right, wrong = expected.get(event), found.get(event)
        if right == wrong:
            continue
        standing = right or wrong
        assert standing is not None
        yield f"\n{event}\n  expected {right}\n  found    {wrong}"
        marks = {mark for each in (right, wrong) if each for mark in each.marks}
        for past in histories[standing.room]:
            about = meant.get(past["event_id"])
            if about is not None and (
                event in (past["event_id"], about.target)
                or standing.number in (about.number, about.other)
                or (about.number is None and about.action)
                or any(about.target == mark for mark, _ in marks)
            ):
                yield f"    {past['origin_server_ts']} {past['sender']} {past['event_id']} {about}"
            elif past["type"] == "m.room.member" and past["state_key"] in {w for _, w in marks}:
                yield f"    {past['sender']}: {past['state_key']} {past['content']['membership']}"
