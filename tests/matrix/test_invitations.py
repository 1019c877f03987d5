"""Who may ask the bot in, and where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from fosdembot.db.tables import Room, RoomAddress
from fosdembot.matrix.direct import create_direct
from fosdembot.matrix.upgrades import follow_upgrade
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, ORGANISER, Machine

ADA, EVE = f"@ada:{SERVER}", "@eve:elsewhere.example"
KERNEL = f"#kernel:{SERVER}"
AWAY = (502, {"error": "no JSON of Matrix"})


def invite(room: FakeRoom, by: str, direct: bool = False) -> None:
    room.set_membership(by, BOT, "invite", **({"is_direct": True} if direct else {}))


async def until(room: FakeRoom, membership: str) -> None:
    async def so() -> bool:
        return room.membership(BOT) == membership

    await wait_for(so, 10, f"{membership} in {room.room_id}")


async def test_organisers_are_welcome_to_any_room(server: FakeHomeserver, machine: Machine) -> None:
    room = server.create_room(creator=ORGANISER, public=False)
    parts = await machine.start()
    async with parts.entering():
        invite(room, ORGANISER)
        await until(room, "join")


async def test_an_invitation_to_a_wanted_room_is_accepted(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(KERNEL, public=False)
    parts = await machine.start()
    async with parts.entering(KERNEL):
        invite(room, ADMIN)
        await parts.until_in(KERNEL, room.room_id)


async def test_an_invitation_to_a_room_that_is_wanted_by_its_id_is_accepted(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(public=False)
    parts = await machine.start()
    async with parts.entering(room.room_id):

        async def tried() -> bool:
            async with parts.database.read() as session:
                row = await session.get(RoomAddress, room.room_id)
            return row is not None and row.problem is not None

        await wait_for(tried, 10, "a first try in vain")
        invite(room, ADMIN)
        await until(room, "join")


@pytest.mark.parametrize(("names", "stays"), [("the old one", True), ("another", False)])
async def test_an_invitation_to_where_an_upgrade_leads_is_accepted(
    server: FakeHomeserver, machine: Machine, names: str, stays: bool
) -> None:
    """Whoever invites. If the new room does not know the old one, the bot goes again."""
    old = server.create_room(KERNEL)
    predecessor = {"room_id": old.room_id if stays else "!another:elsewhere.example"}
    new = server.create_room(public=False, create={"predecessor": predecessor})
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, old.room_id)
        async with parts.database.write() as session:
            await follow_upgrade(session, old.room_id, new.room_id, ADMIN)
        parts.rooms.retry()
        invite(new, EVE)
        if stays:
            await parts.until_in(KERNEL, new.room_id)
        else:
            await until(new, "join")
            await until(new, "leave")


async def test_an_invitation_need_not_say_what_the_room_is_called(
    server: FakeHomeserver, machine: Machine
) -> None:
    """Only the directory knows it. Another room is declined as before."""
    kernel = server.create_room(KERNEL, public=False, canonical=False)
    other = server.create_room(public=False)
    parts = await machine.start()
    async with parts.entering(KERNEL):

        async def tried() -> bool:
            row = await parts.get(RoomAddress, KERNEL)
            return row is not None and row.problem is not None

        await wait_for(tried, 10, "a first try in vain")
        invite(other, EVE)
        await until(other, "leave")
        invite(kernel, ADA)
        await parts.until_in(KERNEL, kernel.room_id)


async def test_an_alias_that_was_just_led_elsewhere_is_asked_again(
    server: FakeHomeserver, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fosdembot.matrix.invitations.ALIAS_SECONDS", 0.0)
    server.create_room(KERNEL, public=False, canonical=False)
    other, new = server.create_room(public=False), server.create_room(public=False)
    parts = await machine.start()
    async with parts.entering(KERNEL):

        async def tried() -> bool:
            row = await parts.get(RoomAddress, KERNEL)
            return row is not None and row.problem is not None

        await wait_for(tried, 10, "a first try in vain")
        invite(other, EVE)
        await until(other, "leave")
        server.aliases[KERNEL] = new.room_id
        invite(new, ADA)
        await parts.until_in(KERNEL, new.room_id)


async def test_a_room_that_only_says_it_is_wanted_is_declined(
    server: FakeHomeserver, machine: Machine
) -> None:
    wanted = server.create_room(KERNEL, public=False)
    trap = server.create_room(creator=EVE, public=False)
    trap.add(EVE, "m.room.canonical_alias", {"alias": KERNEL}, "")
    parts = await machine.start()
    async with parts.entering(KERNEL):
        invite(trap, EVE)
        await until(trap, "leave")
    assert wanted.membership(BOT) == "leave"


@pytest.mark.parametrize("direct", [True, False])
async def test_strangers_are_declined(
    direct: bool, server: FakeHomeserver, machine: Machine
) -> None:
    kernel = server.create_room(KERNEL, members=[ADA])
    room = server.create_room(creator=EVE, public=False)
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, kernel.room_id)
        invite(room, EVE, direct)
        await until(room, "leave")


async def test_who_is_in_a_talk_room_may_talk_to_it_directly(
    server: FakeHomeserver, machine: Machine
) -> None:
    kernel = server.create_room(KERNEL, members=[ADA])
    chat, group = (server.create_room(creator=ADA, public=False) for _ in range(2))
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, kernel.room_id)
        invite(group, ADA)
        await until(group, "leave")
        invite(chat, ADA, direct=True)
        await until(chat, "join")

        async def known() -> bool:
            row = await parts.get(Room, chat.room_id)
            return row is not None and row.membership == "join" and row.direct_with == ADA

        await wait_for(known, 10)
        chat.set_membership(ADA, ADA, "leave")
        await until(chat, "leave")


async def test_a_room_that_is_named_is_known_before_it_stands_in_the_database(
    server: FakeHomeserver, machine: Machine
) -> None:
    control = server.create_room(creator=ADA, public=False)
    parts = await machine.start()
    invite(control, ADA)
    # As when the bot starts for the first time: the rooms are looked after a moment later.
    parts.rooms.want([control.room_id])
    async with parts.receiving(), parts.running(parts.take_steps(parts.invitations)):
        await until(control, "join")


async def test_who_asks_before_the_talk_rooms_are_entered_waits_for_that(
    server: FakeHomeserver, machine: Machine
) -> None:
    kernel = server.create_room(KERNEL, members=[ADA])
    known, unknown = (server.create_room(creator=by, public=False) for by in (ADA, EVE))
    parts = await machine.start()
    invite(known, ADA, direct=True)
    invite(unknown, EVE, direct=True)
    parts.rooms.want([KERNEL])
    async with parts.receiving(), parts.running(parts.take_steps(parts.invitations)):
        for _ in range(2):
            # When the second is declined, it has looked at all of them.
            group = server.create_room(creator=EVE, public=False)
            invite(group, EVE)
            await until(group, "leave")
        assert (known.membership(BOT), unknown.membership(BOT)) == ("invite", "invite")
        async with parts.running(parts.take_steps(parts.rooms)):
            await parts.until_in(KERNEL, kernel.room_id)
            parts.invitations.wake.set()  # else it looks a few seconds later
            await until(known, "join")
            await until(unknown, "leave")


async def test_direct_chats_are_bounded(server: FakeHomeserver, machine: Machine) -> None:
    people = [f"@person{number}:{SERVER}" for number in range(5)]
    kernel = server.create_room(KERNEL, members=people)
    chats = [server.create_room(creator=person, public=False) for person in people]
    parts = await machine.start(direct_chats=3)
    await parts.catch_up()
    for number in range(3):
        # Its own do not count.
        await create_direct(parts.api, EVE, f"letter/{number}")
    async with (
        parts.entering(KERNEL),
        parts.running(parts.sends()),
    ):
        await parts.until_in(KERNEL, kernel.room_id)
        for person, chat in zip(people[:3], chats, strict=False):
            invite(chat, person, direct=True)
            await until(chat, "join")

            async def known(chat: FakeRoom = chat) -> bool:
                return await parts.membership(chat.room_id) == "join"

            await wait_for(known, 10)
        for number, (person, chat) in enumerate(zip(people[3:], chats[3:], strict=True)):
            # Whoever comes later is not turned away: the one that was idle longest goes.
            invite(chat, person, direct=True)
            await until(chat, "join")
            await until(chats[number], "leave")


async def test_invitations_that_came_while_it_was_down(
    server: FakeHomeserver, machine: Machine
) -> None:
    await (await machine.start()).catch_up()
    good, bad = server.create_room(creator=ORGANISER), server.create_room(creator=EVE)
    invite(good, ORGANISER)
    invite(bad, EVE)
    parts = await machine.start()
    async with parts.entering():
        await until(good, "join")
        await until(bad, "leave")


async def test_an_invitation_outlives_a_homeserver_that_is_away(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(creator=ORGANISER)
    join, whoami = (
        server.fail(Fault(name, answer=AWAY, times=9**9)) for name in ("join", "whoami")
    )
    parts = await machine.start()
    async with parts.entering():
        invite(room, ORGANISER)
        for _ in range(30):
            # More often than it would try a server that is only another room's.
            whoami.met.clear()
            parts.invitations.wake.set()
            await wait_for(_is_set(whoami), 10)
        join.times = whoami.times = 0
        parts.invitations.wake.set()
        await until(room, "join")


async def test_a_room_whose_server_is_away_holds_up_nobody(
    server: FakeHomeserver, machine: Machine
) -> None:
    stuck, room = (server.create_room(creator=ORGANISER) for _ in range(2))
    server.fail(Fault("join", answer=AWAY, times=1))
    parts = await machine.start()
    await parts.catch_up()
    invite(stuck, ORGANISER)
    invite(room, ORGANISER)
    async with parts.entering():
        await until(room, "join")
        parts.invitations.wake.set()
        await until(stuck, "join")


async def test_a_withdrawn_invitation_is_forgotten(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(creator=ORGANISER, public=False)
    invite(room, ORGANISER)
    await (await machine.start()).catch_up()
    room.set_membership(ORGANISER, BOT, "leave")
    parts = await machine.start()
    async with parts.entering():

        async def left() -> bool:
            return await parts.membership(room.room_id) == "leave"

        await wait_for(left, 10)
    assert server.requests["join"] == 0


def _is_set(fault: Fault) -> Callable[[], Awaitable[bool]]:
    async def so() -> bool:
        return fault.met.is_set()

    return so
