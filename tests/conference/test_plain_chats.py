"""Who writes in an encrypted chat is invited to one that the bot can read."""

from __future__ import annotations

import pytest

from fosdembot.db.engine import Database
from tests.client import wait_for
from tests.e2e.conference import START
from tests.fakes.homeserver import FakeHomeserver, Fault
from tests.fakes.rooms import FakeRoom
from tests.running import BOT, CONTROL, ORGANISER, clock_from, running

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
