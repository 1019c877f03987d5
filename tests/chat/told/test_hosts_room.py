"""A hosts' room of a running bot: what is in it in the end, as everybody there sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fosdembot.db.engine import Database
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom
from simulation.running import BOT, CONTROL, ORGANISER, clock_from, running
from simulation.waiting import wait_for
from tests.running import database, server

__all__ = ["database", "server"]

HALL = f"#hall:{SERVER}"
HOSTS = f"#hosts:{SERVER}"
OTHER_HOSTS = f"#other-hosts:{SERVER}"
HOST = f"@host:{SERVER}"
ASKER = f"@asker:{SERVER}"
BUTTONS = ["✅", "⭐", "▶️", "🚫"]


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "schedule.xml"
    write_schedule(path, [Planned(1, "Tiny kernels", 0, 25, chat_room=HALL)])
    return {"schedule": {"source": str(path)}, "hosts": {"*": HOSTS}}


def tapped(room: FakeRoom, event_id: str, person: str = BOT) -> list[str]:
    """The keys of somebody's reactions to an event, the oldest first."""
    found = [e for e in room.related(event_id, "m.annotation") if e["sender"] == person]
    return [e["content"]["m.relates_to"]["key"] for e in reversed(found)]


async def test_a_question_on_its_way(
    server: FakeHomeserver, database: Database, settings: dict[str, Any]
) -> None:
    server.create_room(CONTROL, [BOT, ORGANISER])
    hall = server.create_room(HALL, [ASKER, BOT])
    # It is there before the bot is, and says nothing.
    hosts = server.create_room(HOSTS, [HOST, BOT], public=False)
    async with running(server, database, clock_from(START), **settings) as bot:
        await bot.heard(CONTROL, "Schedule read")
        question = hall.say(ASKER, "!ask How small?")
        await bot.heard(HOSTS, "hall 1: How small? – asker")
        await bot.quiet()
        [card] = [event["event_id"] for event in hosts.by(BOT)]
        assert tapped(hosts, card) == BUTTONS
        assert tapped(hall, question) == ["Q1"]
        hosts.react(HOST, card, "▶️")
        await bot.heard(HALL, "asker: your question 1 is being answered now.")
        await bot.heard(HOSTS, "* hall 1 ▶ being answered: How small? – asker")
        [told] = [e for e in hall.by(BOT) if e["content"]["msgtype"] == "m.text"]
        assert told["content"]["m.mentions"] == {"user_ids": [ASKER]}
        assert told["content"]["m.relates_to"] == {"m.in_reply_to": {"event_id": question}}
        hosts.say(HOST, "done", **{"m.relates_to": {"m.in_reply_to": {"event_id": card}}})
        await bot.heard(HOSTS, "Question 1 is answered now.")
        await bot.quiet()
        before = len(hall.events), len(hosts.events)
    async with running(server, database, clock_from(START), **settings) as bot:
        await bot.bot.inbox.caught_up.wait()
        await bot.quiet()
        assert (len(hall.events), len(hosts.events)) == before, "nothing is said twice"
        hall.redact(ASKER, question)

        async def is_gone() -> bool:
            return not any("small" in str(event["content"]) for event in hosts.events)

        await wait_for(is_gone, what="a card without its text")


async def test_a_room_that_is_named_in_the_middle_of_a_talk(
    server: FakeHomeserver, database: Database, settings: dict[str, Any]
) -> None:
    del settings["hosts"]
    control = server.create_room(CONTROL, [BOT, ORGANISER])
    hall = server.create_room(HALL, [ASKER, BOT])
    hosts = server.create_room(HOSTS, [HOST], public=False)
    async with running(server, database, clock_from(START), **settings) as bot:
        await bot.heard(CONTROL, "Schedule read")
        question = hall.say(ASKER, "!ask How small?")

        async def is_asked() -> bool:
            return tapped(hall, question) == ["Q1"]

        await wait_for(is_asked, what="a chip")
        control.say(ORGANISER, f"!conf hosts all {HOSTS}")
        await bot.heard(CONTROL, "invite me")
        hosts.set_membership(HOST, BOT, "invite")
        await bot.heard(HOSTS, "hall 1: How small? – asker")
        await bot.quiet()
        [card] = [event["event_id"] for event in hosts.by(BOT)]
        assert tapped(hosts, card) == BUTTONS
        # A room that the bot is in already.
        other = server.create_room(OTHER_HOSTS, [HOST, BOT], public=False)
        control.say(ORGANISER, f"!conf hosts main {OTHER_HOSTS}")
        await bot.heard(OTHER_HOSTS, "hall 1: How small? – asker")
        await bot.quiet()
        before = len(hosts.events), len(other.events)
    async with running(server, database, clock_from(START), **settings) as bot:
        await bot.bot.inbox.caught_up.wait()
        await bot.bot.late_cards.step()
        await bot.quiet()
        assert (len(hosts.events), len(other.events)) == before
