"""No vote is lost, and none counts twice: on a real homeserver, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from simulation.client import Client
from simulation.conference import MANY, settings
from simulation.homeserver import Homeserver
from simulation.postgres import Postgres
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson

from .scenarios import make_world, wait_until_joined
from .votes import Voting, database_of

SHADES = ["👍", *(f"👍{chr(tone)}" for tone in range(0x1F3FB, 0x1F400)), "👍\ufe0f", "👍\ufe0e"]
TEN_VARIANTS = [*SHADES, "👍0", "Q3"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_every_vote_counts_once(
    kind: str,
    homeserver: Homeserver,
    person: MakePerson,
    postgres: Postgres,
    bot_factory: MakeBot,
    new_folder: Path,
) -> None:
    url = await postgres.create_database(uuid4().hex) if kind == "postgresql" else None
    name = f"votes-{kind}"
    world = await make_world(name, homeserver, person, new_folder, rooms=1, people=40)
    config = settings(world.schedule, at=5, limits=MANY, questions={"board_seconds": 1})
    bot = bot_factory(world.account, config, database=url)
    await bot.start()
    await wait_until_joined(world)
    (room,) = world.rooms.values()
    asker, other, *voters = world.people
    async with database_of(bot, url) as database:
        voting = Voting(world, bot, room, database)
        await _at_once(voting, asker, voters)
        await _while_down(voting, other, voters)
        await _ten_variants(voting, asker, voters)
        await _lost_position(voting, other, voters)
        await _changes_of_mind(voting, asker, voters)
        await _text_follows(voting, asker, voters)
        await _leaving_by_setting(voting, asker, voters)


async def _at_once(voting: Voting, asker: Client, voters: Sequence[Client]) -> None:
    event, number = await voting.ask(asker, "How small can it get?")
    assert number == 1
    assert await voting.chip(event) == "Q1"
    await voting.all_vote(voters, event)
    assert len(voters) == 38
    assert await voting.votes(event, 38) == 38
    # The asker's own is none.
    await asker.react(voting.room, event, "👍")
    assert await voting.votes(event, 38) == 38


async def _while_down(voting: Voting, asker: Client, voters: Sequence[Client]) -> None:
    event, number = await voting.ask(asker, "Does it run on a phone?")
    await voters[0].send(voting.room, f"!vote {number}")
    assert await voting.votes(event, 1) == 1
    await voting.bot.stop()
    await voting.all_vote(voters[1:31], event)
    await voting.bot.start()
    assert await voting.votes(event, 31) == 31


async def _ten_variants(voting: Voting, asker: Client, voters: Sequence[Client]) -> None:
    event, number = await voting.ask(asker, "Is it free?")
    assert number == 3
    reactions = [await voters[0].react(voting.room, event, key) for key in TEN_VARIANTS]
    assert len(set(TEN_VARIANTS)) == 10
    assert await voting.votes(event, 1) == 1
    for reaction in reactions[1:]:
        await voters[0].redact(voting.room, reaction)
    assert await voting.votes(event, 1) == 1
    await voters[0].redact(voting.room, reactions[0])
    assert await voting.votes(event, 0) == 0


async def _lost_position(voting: Voting, asker: Client, voters: Sequence[Client]) -> None:
    event, _ = await voting.ask(asker, "Who pays for it?")
    await voting.all_vote(voters[:8], event)
    assert await voting.votes(event, 8) == 8
    await voting.bot.stop()
    async with voting.database.write() as session:
        await session.execute(text("DELETE FROM sync_position"))
    await voting.bot.start()
    assert await voting.votes(event, 8) == 8


async def _changes_of_mind(voting: Voting, asker: Client, voters: Sequence[Client]) -> None:
    event, number = await voting.ask(asker, "Which compiler?")
    reactions = await voting.all_vote(voters[:5], event)
    await voting.bot.stop()
    await voters[0].redact(voting.room, reactions[0])
    await voters[1].send(voting.room, f"!unvote {number}")
    await voting.world.admin.ban(voting.room, voters[2].user_id)
    await voting.world.admin.kick(voting.room, voters[3].user_id)
    await voters[4].leave(voting.room)
    await voters[5].send(voting.room, f"! VOTE #{number}")
    await voting.bot.start()
    # Two took it back, two were thrown out; one only left.
    assert await voting.votes(event, 2) == 2


async def _text_follows(voting: Voting, asker: Client, voters: Sequence[Client]) -> None:
    event, number = await voting.ask(asker, "Where do I dowload it?")
    assert number == 6
    await voting.all_vote(voters[6:9], event)
    await asker.edit(voting.room, event, "!ask Where do I download it?")
    await voting.settled()
    question = await voting.question(event)
    assert question is not None
    assert question.text == "Where do I download it?"
    assert "download it?" in await voting.board("download it?")
    assert await voting.versions_with("load it?") > 0
    await asker.redact(voting.room, event)
    await voting.settled()
    question = await voting.question(event)
    assert question is not None
    assert (question.text, question.state) == ("", "withdrawn")
    assert "How small" in await voting.board("How small", without="download it?")

    async def is_gone() -> bool:
        return await voting.versions_with("load it?") == 0

    await wait_for(is_gone, 30, "no version of the board with it", every=0.2)
    assert "How small" in await voting.board("How small"), "which is pinned as before"


async def _leaving_by_setting(voting: Voting, asker: Client, voters: Sequence[Client]) -> None:
    await voting.bot.stop()
    voting.bot.plugin_config["questions"]["leaving_withdraws_votes"] = True
    await voting.bot.start()
    event, _ = await voting.ask(asker, "Is there a manual?")
    await voting.all_vote(voters[10:13], event)
    assert await voting.votes(event, 3) == 3
    await voters[10].leave(voting.room)
    assert await voting.votes(event, 2) == 2
    await voters[10].join(voting.room)
    assert await voting.votes(event, 3) == 3
