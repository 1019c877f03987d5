"""The direct chats that letters are written in: made on the homeserver, once, whatever is lost."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from fosdembot.changes import Changes
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.hosts_of_talk import HostsOfTalk
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.conference.letter_chats import Chats, letter_key
from fosdembot.conference.letter_links import LetterLinks
from fosdembot.conference.letter_texts import Writer
from fosdembot.conference.letters import TRIES, TRIES_AWAY, Letters
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import PageLinks
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Letter, Question
from fosdembot.db.tables import RoomState, ScheduleCopy
from fosdembot.matrix.api import HomeserverAway, MatrixError
from fosdembot.matrix.direct import WITH
from fosdembot.matrix.outbox import KEY
from fosdembot.questions.by import By
from fosdembot.questions.desk import Desk
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import load
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.running import ORGANISER, running
from simulation.stepped_clock import SteppedClock
from simulation.waiting import wait_for
from tests.matrix.ends import DEVICES, Ends
from tests.matrix.parts import BOT, Machine, Parts

ADA, GRACE = f"@ada:{SERVER}", f"@grace:{SERVER}"
CONTROL, HALL, KERNEL = f"#control:{SERVER}", f"#hall:{SERVER}", f"#kernel:{SERVER}"
AWAY = (502, {"error": "no JSON of Matrix"})
CHANGES = Changes(logging.getLogger(__name__))
"""Which nobody hears."""
REFUSED = (400, {"errcode": "M_INVALID_PARAM", "error": "no such person"})


@pytest.fixture
async def machine(server: FakeHomeserver, tmp_path: Path) -> AsyncIterator[Machine]:
    async with AsyncExitStack() as stack:
        yield Machine(server, tmp_path, stack)


async def conference(parts: Parts, *speakers: str, talks: int = 1, shared: bool = False) -> Letters:
    """The letters of a conference whose talks are just over, each with a question."""
    known = {str(talk): list(speakers) for talk in range(talks)}
    usual = {"control_room": CONTROL, "rooms": {"default": KERNEL}, "speakers": known}
    settings, problems = load(usual)
    assert problems == []
    named = HostsRooms(parts.database, settings, CHANGES)
    programme = Programme(parts.database, settings, parts.clock, CHANGES, named)
    hosts = Hosts(named, programme, settings)
    await programme.load()
    if not programme.talks:
        await publish(parts, programme, talks)
    links = LetterLinks(PageLinks(programme, settings), PageAddresses(programme, settings))
    return Letters(
        parts.database,
        programme,
        HostsOfTalk(
            parts.outbox, programme, hosts, ControlRoom(parts.outbox, hosts, settings, BOT)
        ),
        Chats(parts.api, parts.database, parts.outbox, lambda: shared),
        Writer(programme, settings, parts.clock, links),
        parts.clock,
        CHANGES,
        parts.log,
    )


async def publish(parts: Parts, programme: Programme, talks: int) -> None:
    start, length = parts.clock.now() - timedelta(minutes=40), timedelta(minutes=30)
    entries = tuple(
        Talk(str(talk), str(talk), f"Talk {talk}", start, length, room="Hall")
        for talk in range(talks)
    )
    desk = Desk(load({})[0].questions, CHANGES)
    async with parts.database.write() as session:
        await programme.replace(session, Schedule("", "", "UTC", entries))
        session.add(ScheduleCopy(standing="in_force", digest="", at=start, title="", note=""))
        for talk in range(talks):
            new = NewQuestion("!kernel", str(talk), "Why?", "@bob:x", "Bob", f"${talk}", start)
            await desk.ask(session, new)


def chats(server: FakeHomeserver) -> list[FakeRoom]:
    """Those that the bot made."""
    return [
        room for room in server.rooms.values() if room.state["m.room.create", ""]["sender"] == BOT
    ]


def written(room: FakeRoom) -> list[str]:
    """The first words of what the bot wrote there."""
    return [event["content"]["body"].split('"')[0] for event in room.by(BOT)]


async def until_sent(parts: Parts, letters: int = 1) -> None:
    """Also ends when the process does."""

    async def so() -> bool:
        parts.crasher.check()
        states = await parts.states()
        return len(states) == letters and set(states.values()) == {"sent"}

    await wait_for(so, 20, "letters sent")


async def test_a_chat_is_made_for_a_letter(server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    letters = await conference(parts, ADA, GRACE, talks=2)
    async with parts.sending():
        await letters.step()
        await until_sent(parts, 4)
        await letters.step()
    assert {tuple(written(chat)) for chat in chats(server)} == {("Not reached in ",) * 2}
    invited = [chat.members("invite") for chat in chats(server)]
    assert sorted(invited) == [[ADA], [GRACE]]


async def test_nobody_is_invited_for_nothing(server: FakeHomeserver, machine: Machine) -> None:
    """Everything was answered meanwhile."""
    parts = await machine.start()
    letters = await conference(parts, ADA)
    server.fail(Fault("createRoom", answer=AWAY))
    async with parts.sending():
        await letters.step()
        desk = Desk(load({})[0].questions, CHANGES)
        async with parts.database.write() as session:
            question = (await session.scalars(select(Question))).one()
            await desk.act(session, question, Action.DONE, By("@m:x", "$m", parts.clock.now()))
        parts.skip_waiting()
        await letters.step()
    assert chats(server) == []
    async with parts.database.read() as session:
        assert (await session.scalars(select(Letter))).all() == []


@pytest.mark.parametrize("lose", [True, False])
@pytest.mark.parametrize("heard", [True, False])
async def test_the_homeserver_is_away(
    lose: bool, heard: bool, server: FakeHomeserver, machine: Machine
) -> None:
    """`lose`: it had done what was asked, `heard`: of which /sync has told."""
    parts = await machine.start()
    letters = await conference(parts, ADA)
    await parts.catch_up()
    server.fail(Fault("createRoom", lose=True) if lose else Fault("createRoom", answer=AWAY))
    server.fail(Fault("whoami", answer=AWAY))
    with pytest.raises(HomeserverAway):
        await letters.step()
    assert len(chats(server)) == lose
    # It is not tried again at once: the request may be under way.
    await letters.step()
    assert len(chats(server)) == lose
    parts.skip_waiting()
    if heard:
        await parts.catch_up()
    await letters.step()
    parts.skip_waiting()
    async with parts.sending():
        await letters.step()
        await until_sent(parts)
    [chat] = chats(server)
    assert written(chat) == ["Not reached in "]
    assert chat.members("invite") == [ADA]


@pytest.mark.parametrize("known", [True, False])
async def test_a_chat_without_its_person(
    known: bool, server: FakeHomeserver, machine: Machine
) -> None:
    """It was made, but the person's homeserver was away. `known`: whether the bot heard how
    it stands with the person."""
    parts = await machine.start()
    letters = await conference(parts, ADA)
    await parts.catch_up()
    create = {KEY: letter_key(parts.outbox, "0", ADA), WITH: ADA}
    chat = server.create_room(creator=BOT, public=False, create=create)
    if not known:
        chat.set_membership(BOT, ADA, "invite")
    await parts.catch_up()
    async with parts.database.write() as session:
        await session.execute(delete(RoomState).where(RoomState.state_key == ADA))
    async with parts.sending():
        await letters.step()
        await until_sent(parts)
    assert chats(server) == [chat]
    assert written(chat) == ["Not reached in "]
    assert chat.members("invite") == [ADA]
    assert server.requests["invite"] == known


async def test_the_limit_is_honoured(server: FakeHomeserver, machine: Machine) -> None:
    parts = await machine.start()
    letters = await conference(parts, ADA)
    limited = (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 5000})
    server.fail(Fault("createRoom", answer=limited, times=TRIES + 1))
    async with parts.sending():
        for _ in range(TRIES + 1):
            with pytest.raises(MatrixError):
                await letters.step()
            parts.skip_waiting()
        await letters.step()
        await until_sent(parts)
    assert [written(chat) for chat in chats(server)] == [["Not reached in "]]


async def test_somebody_cannot_be_invited(server: FakeHomeserver, machine: Machine) -> None:
    """Others are written to; organisers learn of it, once."""
    server.create_room(CONTROL, [BOT])
    parts = await machine.start()
    letters = await conference(parts, ADA, GRACE)
    async with parts.entering(CONTROL), parts.sending():
        await parts.until_in(CONTROL, server.aliases[CONTROL])
        for tried in range(TRIES):
            # It may pass.
            assert [key for key in await parts.states() if "refused" in key] == [], tried
            server.fail(Fault("createRoom", answer=REFUSED))
            await letters.step()
            parts.clock.ahead += timedelta(minutes=10)
        await letters.step()
        await until_sent(parts, 2)
    [chat] = chats(server)
    assert written(chat) == ["Not reached in "]
    told = server.rooms[server.aliases[CONTROL]].by(BOT)
    [body] = [event["content"]["body"] for event in told]
    assert body.startswith(
        f'I cannot write to {ADA}, who speaks in "Talk 0". Waiting for an answer: 1'
    )
    async with parts.database.read() as session:
        found = await session.scalars(select(Letter).order_by(Letter.person))
        assert [(row.person, row.state, row.questions) for row in found] == [
            (ADA, "closed", 0),
            (GRACE, "sent", 1),
        ]


async def test_who_takes_no_invitations_is_not_asked_again(
    server: FakeHomeserver, machine: Machine
) -> None:
    server.create_room(CONTROL, [BOT])
    parts = await machine.start()
    letters = await conference(parts, ADA)
    blocked = (403, {"errcode": "M_INVITE_BLOCKED", "error": "no"})
    asked = server.fail(Fault("createRoom", answer=blocked, times=9))
    async with parts.entering(CONTROL), parts.sending():
        await parts.until_in(CONTROL, server.aliases[CONTROL])
        for _ in range(3):
            await letters.step()
            parts.clock.ahead += timedelta(minutes=10)
        await until_sent(parts, 1)
    assert asked.times == 8
    [event] = server.rooms[server.aliases[CONTROL]].by(BOT)
    assert "takes no invitations" in event["content"]["body"]
    assert "Give them the link: #" in event["content"]["body"]


async def test_somebody_s_homeserver_is_away(server: FakeHomeserver, machine: Machine) -> None:
    """Others are written to at once; in the end organisers learn of it."""
    server.create_room(CONTROL, [BOT])
    parts = await machine.start()
    letters = await conference(parts, ADA, GRACE)
    async with parts.entering(CONTROL), parts.sending():
        await parts.until_in(CONTROL, server.aliases[CONTROL])
        for tried in range(1, TRIES_AWAY + 1):
            server.fail(Fault("createRoom", answer=AWAY))
            await letters.step()
            await until_sent(parts, 1 + (tried == TRIES_AWAY))
            assert [written(chat) for chat in chats(server)] == [["Not reached in "]]
            parts.clock.ahead += timedelta(hours=12)
    told = server.rooms[server.aliases[CONTROL]].by(BOT)
    assert [event["content"]["body"].split(",")[0] for event in told] == [
        f"I cannot write to {ADA}"
    ]


async def test_on_a_shared_account_other_chats_may_be_others(
    server: FakeHomeserver, machine: Machine
) -> None:
    chat = server.create_room(creator=ADA, public=False)
    parts = await machine.start()
    letters = await conference(parts, ADA, talks=2, shared=True)
    server.create_room("#talks:fake.test", [BOT, ADA])
    async with parts.entering("#talks:fake.test"), parts.sending():
        await parts.until_in("#talks:fake.test", server.aliases["#talks:fake.test"])
        chat.set_membership(ADA, BOT, "invite", is_direct=True)

        async def joined() -> bool:
            return await parts.membership(chat.room_id) == "join"

        await wait_for(joined, 10, "the direct chat")
        await letters.step()
        await until_sent(parts, 2)
    assert written(chat) == []
    assert [written(made) for made in chats(server)] == [["Not reached in "] * 2]


async def test_crash_at_each_step(machine: Machine) -> None:
    """Of the making and the writing, one after another; and a power cut at each."""
    first = await machine.start()
    await first.catch_up()
    await conference(first, ADA)
    ends = Ends(machine)
    await work(await machine.start(crasher=ends), ADA)
    ends.step()
    for end, device in itertools.product(ends.found, DEVICES):
        again = await end.go_on(machine, device)
        await work(again, ADA)
        made = [chat for chat in chats(machine.server) if chat.members("invite") == [ADA]]
        assert [written(chat) for chat in made] == [["Not reached in "]], (end.how, device)
        await again.database.close()
    assert ends.steps > 10


async def work(parts: Parts, person: str) -> None:
    """What each run does, from wherever the one before it came."""
    async with asyncio.timeout(60), parts.sending():
        letters = await conference(parts, person)
        await letters.step()
        await until_sent(parts)


async def test_from_the_question_to_the_answer(
    server: FakeHomeserver, database: Database, tmp_path: Path
) -> None:
    """With two runs of the bot."""
    write_schedule(tmp_path / "schedule.xml", [Planned(1, "Tiny kernels", 0, 300, chat_room=HALL)])
    settings: dict[str, Any] = {
        "schedule": {"source": str(tmp_path / "schedule.xml")},
        "speakers": {"talk-1": [ADA]},
        "questions": {"letter_minutes": 1},
    }
    hall = server.create_room(HALL, [BOT, GRACE, ORGANISER])
    server.create_room(CONTROL, [BOT, ORGANISER])
    clock = SteppedClock(START + timedelta(minutes=1))
    async with running(server, database, clock, **settings) as bot:
        await bot.heard(HALL, "Now, until")
        asked = hall.say(GRACE, "!ask How small can it get?")
        hall.say(ORGANISER, "!talk end")

        async def a_chat() -> bool:
            return any(written(chat) for chat in chats(server))

        await wait_for(a_chat, 20 * 60, "a letter")
        [chat] = chats(server)
        chat.set_membership(ADA, ADA, "join")
        chat.say(ADA, "It is 4 kB.", **{"m.relates_to": reply_to(chat)})
        await bot.heard(HALL, "answers your question 1")
        await bot.quiet()
        before = len(hall.events), len(chat.events)
    async with running(server, database, clock, **settings) as bot:
        chat.say(ADA, "1: Or 3.")
        await bot.heard(HALL, "Or 3.")
        await bot.quiet()
    assert chats(server) == [chat]
    assert [event["content"]["body"] for event in chat.by(BOT)[1:]] == [
        "Posted in hall. Edit your message to correct it."
    ] * 2
    [first, second] = [e["content"] for e in hall.by(BOT) if "answers your" in str(e["content"])]
    assert first["body"] == "grace: ada answers your question 1:\nIt is 4 kB."
    assert second["body"] == "grace: ada answers your question 1:\nOr 3."
    for answer in (first, second):
        assert answer["m.mentions"] == {"user_ids": [GRACE]}
        assert answer["m.relates_to"] == {"m.in_reply_to": {"event_id": asked}}
    assert (len(hall.events), len(chat.events)) == (before[0] + 1, before[1] + 2)


def reply_to(chat: FakeRoom) -> dict[str, Any]:
    """The relation of a reply to the letter."""
    return {"m.in_reply_to": {"event_id": chat.by(BOT)[0]["event_id"]}}
