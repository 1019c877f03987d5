"""Who writes in an encrypted chat is invited to one that the bot can read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from fosdembot.conference import plain_chats
from fosdembot.conference.plain_chats import PlainChats
from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing, Room, RoomState
from simulation.conference import START
from simulation.fake_homeserver import FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.running import BOT, CONTROL, ORGANISER, clock_from, running
from simulation.waiting import wait_for
from tests.matrix.parts import Machine, Parts

MEGOLM = {"algorithm": "m.megolm.v1.aes-sha2"}


def encrypted_chat(server: FakeHomeserver) -> FakeRoom:
    """One to which an organiser, whom the bot trusts, invites it."""
    chat = server.create_room(creator=ORGANISER, public=False)
    chat.add(ORGANISER, "m.room.encryption", MEGOLM, "")
    chat.set_membership(ORGANISER, BOT, "invite", is_direct=True)
    return chat


async def heard(chat: FakeRoom, words: str) -> None:
    async def so() -> bool:
        return any(words in event["content"]["body"] for event in chat.by(BOT))

    await wait_for(so, what=f"{words!r}, {[e['content'] for e in chat.by(BOT)]}")


def made(server: FakeHomeserver) -> list[FakeRoom]:
    return [r for r in server.rooms.values() if r.state["m.room.create", ""]["sender"] == BOT]


async def test_an_encrypted_chat_is_answered_by_an_invitation(
    server: FakeHomeserver, database: Database
) -> None:
    server.create_room(CONTROL, [BOT, ORGANISER])
    chat = encrypted_chat(server)
    async with running(server, database, clock_from(START)) as bot:
        await heard(chat, "I have invited you to a chat without encryption")
        [plain] = made(server)
        assert plain.membership(ORGANISER) == "invite"
        plain.set_membership(ORGANISER, ORGANISER, "join")
        for _ in range(3):
            chat.add(ORGANISER, "m.room.encrypted", {**MEGOLM, "ciphertext": "x"})
        plain.say(ORGANISER, "help")

        async def answered() -> bool:
            return bool(plain.by(BOT))

        await wait_for(answered, what="what is said there is read")
        await bot.quiet()
    again = encrypted_chat(server)
    async with running(server, database, clock_from(START)) as bot:
        await heard(again, "I have invited you")
        await bot.quiet()
    assert len(made(server)) == 1, "one is enough"
    assert len(chat.by(BOT)) == 1


@pytest.mark.parametrize("code", ["M_INVITE_BLOCKED", "M_FORBIDDEN"])
async def test_who_takes_no_invitations_is_told_what_to_do(
    code: str, server: FakeHomeserver, database: Database
) -> None:
    server.create_room(CONTROL, [BOT, ORGANISER])
    server.fail(Fault("createRoom", (403, {"errcode": code, "error": "no"}), times=99))
    chat = encrypted_chat(server)
    async with running(server, database, clock_from(START)):
        await heard(chat, "start a chat with me that is not encrypted")
    assert made(server) == []


@pytest.fixture
async def machine(server: FakeHomeserver, tmp_path: Path) -> AsyncIterator[Machine]:
    async with AsyncExitStack() as stack:
        yield Machine(server, tmp_path, stack)


def crowd(server: str, number: int) -> list[str]:
    return [f"@p{n}:{server}" for n in range(number)]


async def write(parts: Parts, people: Sequence[str], made_for: str | None = None) -> None:
    """Each has an encrypted chat with the bot, or one that was made for them."""
    async with parts.database.write() as session:
        for person in people:
            room = f"!{'made' if made_for else 'encrypted'}{person}"
            session.add(
                Room(
                    room_id=room,
                    membership="join",
                    direct_with=person,
                    made_for=made_for and f"{made_for}{person}",
                )
            )
            if not made_for:
                session.add(
                    RoomState(
                        room_id=room,
                        type="m.room.encryption",
                        state_key="",
                        sender=person,
                        content=MEGOLM,
                    )
                )


def chats_of(parts: Parts, at_most: int = 500, page: str = "") -> PlainChats:
    return PlainChats(
        parts.api,
        parts.database,
        parts.outbox,
        lambda: False,
        parts.clock,
        parts.log,
        at_most,
        page,
    )


async def all_told(parts: Parts, people: Sequence[str]) -> dict[str, str]:
    """Person → what they were told in their encrypted chat."""

    async def so() -> bool:
        async with parts.database.read() as session:
            rows = await session.scalars(select(Outgoing).where(Outgoing.key.like("encrypted/%")))
            told.update(
                {row.room_id.removeprefix("!encrypted"): row.content["body"] for row in rows}
            )
        return told.keys() >= set(people)

    told: dict[str, str] = {}
    await wait_for(so, 30, "everybody is answered")
    return told


def invited(told: dict[str, str]) -> list[str]:
    return [person for person, body in told.items() if "I have invited you" in body]


async def test_a_server_with_many_accounts_gets_a_bounded_number(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_chats, "INVITED_AN_HOUR", 20)
    monkeypatch.setattr(plain_chats, "OF_SERVER_AN_HOUR", 10)
    parts = await machine.start()
    evil, good = crowd("evil.example", 60), crowd("good.example", 5)
    await write(parts, [*evil, *good])
    async with parts.running(parts.take_steps(chats_of(parts))):
        told = await all_told(parts, [*evil, *good])
    assert len(made(server)) == len(invited(told)) == 15
    assert set(good) <= set(invited(told))
    others = {body for person, body in told.items() if person not in invited(told)}
    assert all("start a chat with me that is not encrypted" in body for body in others)
    # Many servers belong to somebody, too.
    many = [f"@eve:s{n}.example" for n in range(30)]
    await write(parts, many)
    async with parts.running(parts.take_steps(chats_of(parts))):
        told = await all_told(parts, many)
    assert len(set(invited(told)) & set(many)) == 20


async def test_the_chats_that_were_made_are_a_bounded_number(
    server: FakeHomeserver, machine: Machine
) -> None:
    """The idlest goes; of a server that has half of them, one of its own."""
    parts = await machine.start()
    evil, good = crowd("evil.example", 5), crowd("good.example", 3)
    await write(parts, [*good, *evil], made_for="plain/")
    for at_most, newcomer, loser in (
        (10, "@new:evil.example", evil[0]),
        (7, "@new:good.example", good[0]),
        (9, "@new:third.example", None),
    ):
        await write(parts, [newcomer])
        before = await deserted(parts)
        async with parts.running(parts.take_steps(chats_of(parts, at_most))):
            assert newcomer in invited(await all_told(parts, [newcomer]))
        assert await deserted(parts) - before == {loser} - {None}
    assert len(made(server)) == 3


async def deserted(parts: Parts) -> set[str | None]:
    async with parts.database.read() as session:
        return set(await session.scalars(select(Room.direct_with).where(Room.deserted)))


async def test_where_no_chats_are_wanted_none_is_made(
    server: FakeHomeserver, machine: Machine
) -> None:
    parts = await machine.start()
    await write(parts, ["@ada:good.example"])
    async with parts.running(parts.take_steps(chats_of(parts, at_most=0))):
        assert invited(await all_told(parts, ["@ada:good.example"])) == []
    assert made(server) == []


async def test_a_person_with_two_encrypted_chats_gets_one(
    server: FakeHomeserver, machine: Machine
) -> None:
    parts = await machine.start()
    await write(parts, ["@ada:good.example"])
    async with parts.database.write() as session:
        for row in (await session.scalars(select(Room))).all():
            session.add(Room(room_id="!second", membership="join", direct_with=row.direct_with))
        session.add(
            RoomState(
                room_id="!second",
                type="m.room.encryption",
                state_key="",
                sender="@ada:x",
                content=MEGOLM,
            )
        )
    async with parts.running(parts.take_steps(chats_of(parts))):
        told = await all_told(parts, ["@ada:good.example", "!second"])
    assert len(made(server)) == 1
    assert len(invited(told)) == 2


async def test_a_slow_server_does_not_hold_up_the_others(
    server: FakeHomeserver, machine: Machine
) -> None:
    slow = Fault("createRoom", hold=asyncio.Event(), times=2)
    server.fail(slow)
    parts = await machine.start()
    evil = crowd("evil.example", 40)
    await write(parts, [*evil, "@zoe:good.example"])
    async with parts.running(parts.take_steps(chats_of(parts))):
        assert invited(await all_told(parts, ["@zoe:good.example"])) == ["@zoe:good.example"]
        assert slow.met.is_set()


async def test_they_are_also_told_where_the_pages_are(machine: Machine) -> None:
    """Somebody who finds no chat without encryption can read there, at least."""
    parts = await machine.start()
    people = crowd("good.example", 1)
    await write(parts, people)
    async with parts.running(parts.take_steps(chats_of(parts, page="https://qa.example.org/"))):
        [said] = (await all_told(parts, people)).values()
    assert said.endswith("What is asked in the talk rooms is at https://qa.example.org/")
