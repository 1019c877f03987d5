"""On a real homeserver: names, reactions, redactions, direct chats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from yarl import URL

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Room, RoomState
from fosdembot.matrix.api import Json, MatrixError
from fosdembot.matrix.direct import create_direct, direct_room_made
from fosdembot.matrix.members import display_name, is_joined, read_members
from fosdembot.matrix.relations import annotation, newest_content, redacts
from fosdembot.matrix.timeline import MEMBER
from simulation.client import Client
from simulation.fake_homeserver import FakeHomeserver
from simulation.fake_requests import Login
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakePerson

from .parts import Machine, Parts


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """As the other tests have it, but in real time."""
    async with AsyncExitStack() as stack:
        yield Machine(FakeHomeserver(), tmp_path, stack)


class Hall:
    """A room with Ada, Bob who says nothing, and the bot."""

    def __init__(self, machine: Machine, url: str, ada: Client, bob: Client, bot: Client) -> None:
        self.ada, self.bob, self.bot = ada, bob, bot
        self._machine = machine
        self._url = url
        self.room = ""

    async def open(self, **options: Any) -> None:
        await self.ada.set_name("Ada L.")
        await self.bob.set_name("Bob")
        self.room = await self.ada.create_room(**options)
        await self.bob.join(self.room)
        await self.bot.join(self.room)

    async def rename(self, name: str) -> None:
        """Ada is called otherwise. The homeserver tells its rooms when it has the time."""
        await self.ada.set_name(name)

        async def is_there() -> bool:
            member = await self.ada.state(self.room, MEMBER, self.ada.user_id)
            return bool(member["displayname"] == name)

        await wait_for(is_there, 30)

    async def start(self, name: str = "bot") -> Parts:
        login = Login(URL(self._url), self.bot.account.access_token)
        return await self._machine.run(login, self.bot.user_id, name)

    async def called(self, parts: Parts, person: Client) -> str:
        async with parts.database.read() as session:
            return await display_name(session, self.room, person.user_id)

    async def known(self, parts: Parts) -> dict[str, bool]:
        """Of the members other than the bot."""
        async with parts.database.read() as session:
            members = select(RoomState.state_key).where(
                RoomState.room_id == self.room, RoomState.type == MEMBER
            )
            people = [user for user in await session.scalars(members) if user != self.bot.user_id]
            return {user: await is_joined(session, self.room, user) for user in people}

    async def event(self, event_id: str) -> Json:
        return next(e for e in await self.ada.events(self.room) if e["event_id"] == event_id)


@pytest.fixture
async def hall(homeserver: Homeserver, person: MakePerson, machine: Machine) -> Hall:
    people = [await person(name) for name in ("ada", "bob", "bot")]
    return Hall(machine, homeserver.url, *people)


def noted(parts: Parts) -> list[tuple[str, str]]:
    """From now on: (message, what its sender was called when it took effect)."""
    names: list[tuple[str, str]] = []

    async def note(session: WriteSession, room: str, event: Json) -> None:
        if "body" in event["content"]:
            name = await display_name(session, room, event["sender"])
            names.append((event["content"]["body"], name))

    parts.handled.first = note
    return names


async def test_names_come_with_the_messages(hall: Hall) -> None:
    await hall.open()
    parts = await hall.start()
    await parts.catch_up()
    assert await hall.known(parts) == {}
    await hall.ada.send(hall.room, "1")
    names = noted(parts)
    await parts.catch_up()
    assert names == [("1", "Ada L.")]
    assert await hall.known(parts) == {hall.ada.user_id: True}, "no others were loaded"
    # Another instance of the account, on the same device.
    other = await hall.start("other")
    await other.catch_up()
    again = await hall.start()
    names, others = noted(again), noted(other)
    await hall.ada.send(hall.room, "2")
    await hall.rename("Countess")
    await hall.ada.send(hall.room, "3")
    await again.catch_up()
    await other.catch_up()
    assert names == others == [("2", "Ada L."), ("3", "Countess")]


async def test_names_in_a_long_absence(hall: Hall) -> None:
    await hall.open()
    parts = await hall.start()
    await parts.catch_up()
    await hall.bob.send(hall.room, "0")
    await parts.catch_up()
    await hall.ada.send(hall.room, "1")
    await hall.rename("Countess")
    await hall.ada.send(hall.room, "2")
    await hall.ada.leave(hall.room)
    for _ in range(110):
        await hall.bob.send(hall.room, "-")
    again = await hall.start()
    names = noted(again)
    await again.catch_up()
    assert [said for said in names if said[0] != "-"] == [("1", "Ada L."), ("2", "Countess")]
    assert await hall.known(again) == {hall.ada.user_id: False, hall.bob.user_id: True}


async def test_all_members_of_a_small_room(hall: Hall) -> None:
    await hall.open()
    parts = await hall.start()
    await parts.catch_up()
    await read_members(parts.api, parts.database, hall.room)
    assert await hall.known(parts) == {hall.ada.user_id: True, hall.bob.user_id: True}
    assert await hall.called(parts, hall.bob) == "Bob"
    await hall.bob.leave(hall.room)
    await parts.catch_up()
    assert (await hall.known(parts))[hall.bob.user_id] is False


@pytest.mark.parametrize("version", ["10", "12"])
async def test_a_reaction_is_tapped_and_taken_back(version: str, hall: Hall) -> None:
    await hall.open(room_version=version)
    asked = await hall.ada.send(hall.room, "?")
    parts = await hall.start()
    async with parts.sending():
        await parts.say("card", hall.room)
        await parts.react("button", hall.room, "✅", target="card")
        await parts.react("chip", hall.room, "Q12 ⏳", event_id=asked)
        await parts.until(card="sent", button="sent", chip="sent")
        chip, button = await parts.row("chip"), await parts.row("button")
        assert annotation(await hall.event(chip.event_id or "")) == (asked, "Q12 ⏳")
        card = (await parts.row("card")).event_id
        assert annotation(await hall.event(button.event_id or "")) == (card, "✅")
        # The same once more, from a database that knows nothing of it.
        await parts.react("again", hall.room, "Q12 ⏳", event_id=asked)
        await parts.until(again="sent")
        await parts.redact("chip")
        await parts.until(redact_chip="sent")
        redaction = await hall.event((await parts.row("redact/chip")).event_id or "")
    assert redacts(redaction) == chip.event_id
    assert (await hall.event(chip.event_id or ""))["content"] == {}
    reactions = [e for e in await hall.ada.events(hall.room) if e["type"] == "m.reaction"]
    assert len(reactions) == 2, "one of them taken back"


async def test_nothing_of_a_redacted_message_stays(hall: Hall) -> None:
    await hall.open()
    parts = await hall.start()
    async with parts.sending():
        await parts.say("one", hall.room, "secret")
        for words in ("secret 2", "secret 3"):
            await parts.edit("one", words)
            await parts.until(one="sent", edit_one="sent")
        await parts.redact("one")
        await parts.until(redact_one="sent")
        original = (await parts.row("one")).event_id or ""
        # Twice does no harm.
        await parts.api.redact(hall.room, original, "another", {})
        with pytest.raises(MatrixError) as unknown:
            await parts.api.redact(hall.room, "$never", "third", {})
    assert unknown.value.errcode == "M_NOT_FOUND"
    assert "secret" not in str(await hall.ada.events(hall.room))
    assert (await parts.api.event(hall.room, original))["content"] == {}
    with pytest.raises(MatrixError) as missing:
        await parts.api.event(hall.room, "$never")
    assert missing.value.status == 404


async def test_a_direct_chat_is_found_again(hall: Hall) -> None:
    parts = await hall.start()
    await parts.catch_up()
    chat = await create_direct(parts.api, hall.ada.user_id, "letter/1")
    for found in (parts, await hall.start("new database")):
        await found.catch_up()
        room = await found.get(Room, chat)
        assert room is not None
        assert (room.membership, room.direct_with) == ("join", hall.ada.user_id)
        async with found.database.read() as session:
            assert await direct_room_made(session, "letter/1") == chat
    member = await hall.bot.state(chat, MEMBER, hall.ada.user_id)
    assert member["is_direct"] is True
    async with parts.sending():
        await hall.ada.join(chat)
        await parts.say("letter", chat, "hello")
        await hall.ada.wait_for_messages(chat, 1, hall.bot.user_id)
        await hall.ada.leave(chat)

        async def is_left_behind() -> bool:
            room = await parts.get(Room, chat)
            return room is not None and room.deserted

        await wait_for(is_left_behind, 10)


async def test_a_message_is_read_with_its_last_edit(hall: Hall) -> None:
    await hall.open()
    event_id = await hall.ada.send(hall.room, "hello")
    parts = await hall.start()
    await hall.ada.edit(hall.room, event_id, "How small?")
    last = await hall.ada.edit(hall.room, event_id, "How big?")
    await hall.bob.edit(hall.room, event_id, "How rude?")
    for key in (event_id, last):
        event = await parts.api.event(hall.room, key)
        content = newest_content(event)
        assert (content and content["body"]) == ("How big?" if key == event_id else None)
        assert event["sender"] == hall.ada.user_id
    await hall.ada.redact(hall.room, event_id)
    assert newest_content(await parts.api.event(hall.room, event_id)) is None


async def test_what_nobody_may_read_is_refused_for_good(hall: Hall) -> None:
    await hall.open()
    parts = await hall.start()
    for event_id in ("$nowhere", "$", "x" * 200, "$\u202e/../.."):
        with pytest.raises(MatrixError) as refused:
            await parts.api.event(hall.room, event_id)
        assert refused.value.status in (400, 403, 404)
        assert refused.value.retry_after is None
