"""Which rooms are hosts' rooms, what they see to, and who is a host."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.changes import HostsChanged
from fosdembot.chat.command import Place
from fosdembot.chat.places import Places
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Unfit
from fosdembot.conference.hosts_rooms import ALL, HostsRooms
from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing, RoleRoom, RoomAddress
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.timeline import MEMBER
from fosdembot.matrix.wake import Wake
from fosdembot.settings import load
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import TIMELINE_AT_MOST, FakeRoom
from simulation.running import BOT, CONTROL, ORGANISER, Running, clock_from, running
from simulation.waiting import wait_for
from tests.stage import CLOUD, KERNEL, MakeStage, Stage, in_room, room_id, talks
from tests.stage import CONTROL as STAGE_CONTROL

MAIN_HOSTS = "#main-hosts:example.org"
ALL_HOSTS = "#all-hosts:example.org"
HOST = "@host:example.org"
OTHER = "@other:example.org"

HALL = f"#hall:{SERVER}"
HOSTS = f"#hosts:{SERVER}"
EARLY = f"@early:{SERVER}"
LATE = f"@late:{SERVER}"


async def staged(make_stage: MakeStage, **settings: Any) -> Stage:
    """Talks of the track Main in one room and of Cloud in another; the bot is in both."""
    return await make_stage(prepared=rooms_open, **settings)


async def rooms_open(stage: Stage) -> None:
    await stage.publish(
        *talks(Planned(1, "A", 60, 25)),
        *talks(Planned(2, "B", 60, 25, track="Cloud", place="Attic"), room=CLOUD),
    )
    for alias in (KERNEL, CLOUD, STAGE_CONTROL, MAIN_HOSTS, ALL_HOSTS):
        await stage.open(alias)


async def put(stage: Stage, track: str, address: str) -> None:
    async with stage.database.write() as session:
        await stage.bot.hosts.put(session, track, address)


async def is_host(stage: Stage, user: str, address: str) -> bool:
    async with stage.database.read() as session:
        return await stage.bot.hosts.is_host(session, user, address)


async def sees_to(stage: Stage, hosts: str) -> list[str]:
    async with stage.database.read() as session:
        return sorted(await stage.bot.hosts.talk_rooms_of(session, room_id(hosts)))


async def rooms_of(stage: Stage, address: str) -> list[str]:
    async with stage.database.read() as session:
        return await stage.bot.hosts.rooms_of(session, address)


async def test_a_command_comes_before_the_settings(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS, ALL: ALL_HOSTS})
    hosts = stage.bot.hosts
    assert hosts.addresses == [ALL_HOSTS, MAIN_HOSTS]
    await put(stage, "Main", "#new:example.org")
    await put(stage, ALL, "")
    expected = {"Main": "#new:example.org"}
    assert hosts.by_track == expected
    settings = load({"hosts": {ALL: ALL_HOSTS}})[0]
    after_restart = HostsRooms(stage.database, settings, stage.bot.changes)
    await after_restart.load()
    assert after_restart.by_track == expected, "off stays off"


async def test_nothing_is_in_force_before_the_commit(make_stage: MakeStage) -> None:
    stage = await staged(make_stage)
    told: list[list[str]] = []
    stage.bot.changes.subscribe(lambda _: told.append(stage.bot.hosts.addresses), HostsChanged)
    async with stage.database.write() as session:
        await stage.bot.hosts.put(session, "Main", MAIN_HOSTS)
        assert stage.bot.hosts.addresses == []
        assert told == []
    assert told == [[MAIN_HOSTS]]


async def test_what_they_see_to(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS, ALL: ALL_HOSTS})
    assert await rooms_of(stage, KERNEL) == [room_id(MAIN_HOSTS)], "not of all as well"
    assert await rooms_of(stage, CLOUD) == [room_id(ALL_HOSTS)]
    assert await rooms_of(stage, "#elsewhere:example.org") == []
    assert await sees_to(stage, MAIN_HOSTS) == [KERNEL]
    assert await sees_to(stage, ALL_HOSTS) == [CLOUD, KERNEL]
    assert await sees_to(stage, KERNEL) == []


async def test_a_room_that_the_bot_is_not_in(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": "#nowhere:example.org"})
    assert await rooms_of(stage, KERNEL) == []


async def test_a_host_is_who_is_in_the_room_now(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS, ALL: ALL_HOSTS})
    await stage.state(MAIN_HOSTS, MEMBER, {"membership": "join"}, HOST)
    await stage.state(MAIN_HOSTS, MEMBER, {"membership": "invite"}, OTHER)
    assert await is_host(stage, HOST, KERNEL)
    assert not await is_host(stage, HOST, CLOUD), "of another track"
    assert not await is_host(stage, OTHER, KERNEL)
    await stage.state(ALL_HOSTS, MEMBER, {"membership": "join"}, OTHER)
    assert await is_host(stage, OTHER, KERNEL)
    assert await is_host(stage, OTHER, CLOUD)
    await stage.state(MAIN_HOSTS, MEMBER, {"membership": "leave"}, HOST)
    assert not await is_host(stage, HOST, KERNEL)


@pytest.mark.parametrize("named", ["by alias", "by id", "by another alias"])
@pytest.mark.parametrize(
    ("address", "unfit"), [(KERNEL, Unfit.OPEN_TO_ALL), (STAGE_CONTROL, Unfit.CONTROL_ROOM)]
)
async def test_a_public_room_makes_nobody_a_host(
    make_stage: MakeStage, address: str, unfit: Unfit, named: str
) -> None:
    names = {"by alias": address, "by id": room_id(address)}
    name = names.get(named, "#alias:example.org")
    stage = await staged(make_stage, hosts={"Main": name})
    async with stage.database.write() as session:
        await session.merge(RoomAddress(address=name, room_id=room_id(address)))
        await session.merge(RoleRoom(address=name, room_id=room_id(address)))
    await stage.state(address, "m.room.join_rules", {"join_rule": "public"})
    await stage.state(address, MEMBER, {"membership": "join"}, HOST)
    assert not await is_host(stage, HOST, KERNEL)
    assert await rooms_of(stage, KERNEL) == []
    assert await sees_to(stage, address) == []
    async with stage.database.read() as session:
        assert await stage.bot.hosts.unfit(session, name) is unfit
        assert await stage.bot.hosts.unfit(session, MAIN_HOSTS) is None
        places = Places(control_room(stage), stage.bot.hosts)
        place = await places.of(session, room_id(address))
    assert place is (Place.CONTROL_ROOM if address == STAGE_CONTROL else Place.TALK_ROOM)


async def test_a_room_that_anybody_may_enter_makes_nobody_a_host(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS})
    await stage.state(MAIN_HOSTS, MEMBER, {"membership": "join"}, HOST)
    for rule, fit in {"invite": True, "public": False, "knock": True}.items():
        await stage.state(MAIN_HOSTS, "m.room.join_rules", {"join_rule": rule})
        assert await is_host(stage, HOST, KERNEL) is fit
        assert await sees_to(stage, MAIN_HOSTS) == ([KERNEL] if fit else [])
        assert await rooms_of(stage, KERNEL) == ([room_id(MAIN_HOSTS)] if fit else [])
        async with stage.database.read() as session:
            unfit = await stage.bot.hosts.unfit(session, MAIN_HOSTS)
        assert unfit is (None if fit else Unfit.OPEN_TO_ALL)


@pytest.mark.parametrize(
    ("space", "fit"), [("public", False), (None, False), ("invite", True), ("restricted", False)]
)
@pytest.mark.parametrize("rule", ["restricted", "knock_restricted"])
async def test_nor_one_that_anybody_may_enter_by_way_of_a_space(
    make_stage: MakeStage, rule: str, space: str | None, fit: bool
) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS})
    by_way = {"type": "m.room_membership", "room_id": room_id("#space:example.org")}
    rules = {"join_rule": rule, "allow": [by_way]}
    await stage.state(MAIN_HOSTS, "m.room.join_rules", rules)
    if space is not None:
        await stage.state("#space:example.org", "m.room.join_rules", {"join_rule": space})
    async with stage.database.read() as session:
        unfit = await stage.bot.hosts.unfit(session, MAIN_HOSTS)
    assert unfit is (None if fit else Unfit.OPEN_TO_ALL)


@pytest.mark.parametrize("allow", [None, "no", [5], [{}], [{"room_id": 5}]])
async def test_join_rules_of_any_shape_hurt_nobody(make_stage: MakeStage, allow: object) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS})
    rules = {"join_rule": "restricted", "allow": allow}
    await stage.state(MAIN_HOSTS, "m.room.join_rules", rules)
    async with stage.database.read() as session:
        unfit = await stage.bot.hosts.unfit(session, MAIN_HOSTS)
    nobody_more = not isinstance(allow, list)
    assert unfit is (None if nobody_more else Unfit.OPEN_TO_ALL)


# What hosts are told of rooms that cannot be joined.


def control_room(stage: Stage, address: str = STAGE_CONTROL) -> ControlRoom:
    settings, _ = load({"control_room": address})
    return ControlRoom(Outbox(stage.clock, "salt", Wake()), stage.bot.hosts, settings, BOT)


async def tell_problems(stage: Stage, *addresses: str, control: str = STAGE_CONTROL) -> bool:
    rows = [RoomAddress(address=address, problem="M_FORBIDDEN") for address in addresses]
    async with stage.database.write() as session:
        return await control_room(stage, control).tell_room_problems(session, rows)


async def test_hosts_hear_of_their_own_rooms_only(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS, ALL: ALL_HOSTS})
    assert await tell_problems(stage, KERNEL, CLOUD, MAIN_HOSTS)
    said = await stage.news()
    [to_main], [to_all] = in_room(said, MAIN_HOSTS), in_room(said, ALL_HOSTS)
    assert to_main.startswith("1 room I cannot join:\n#kernel:example.org: not joined.")
    assert CLOUD in to_all
    assert MAIN_HOSTS not in to_all, "a hosts' room is the organisers' affair"
    [to_organisers] = in_room(said, STAGE_CONTROL)
    assert to_organisers.startswith("3 rooms")


async def test_hosts_hear_that_their_own_rooms_are_joined(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": MAIN_HOSTS})
    async with stage.database.write() as session:
        await control_room(stage).tell_rooms_joined(session, [KERNEL, CLOUD])
    said = await stage.news()
    [to_main] = in_room(said, MAIN_HOSTS)
    assert to_main == "Joined now, 1 room that I could not join before: #kernel:example.org."
    [to_organisers] = in_room(said, STAGE_CONTROL)
    assert CLOUD in to_organisers


@pytest.mark.parametrize("hosts", [MAIN_HOSTS, "#not-joined:example.org"])
async def test_without_a_control_room_they_are_told_all_the_same(
    make_stage: MakeStage, hosts: str
) -> None:
    stage = await staged(make_stage, hosts={"Main": hosts})
    assert await tell_problems(stage, KERNEL, control=""), "which is told, and need not be again"
    async with stage.database.read() as session:
        [room] = await session.scalars(
            select(Outgoing.room_id).where(Outgoing.key.startswith("rooms/"))
        )
    assert room == (room_id(hosts) if hosts == MAIN_HOSTS else hosts), "it waits for the bot"
    assert not await tell_problems(stage, CLOUD, control=""), "nobody is there to tell"


async def test_a_room_that_is_no_hosts_room_is_not_told_as_one(make_stage: MakeStage) -> None:
    stage = await staged(make_stage, hosts={"Main": STAGE_CONTROL})
    assert not await tell_problems(stage, KERNEL, control="")
    assert await stage.news() == []


# The whole bot: who was there before it.


@pytest.fixture
def hosts_room(server: FakeHomeserver) -> FakeRoom:
    """In which somebody is already, who says nothing."""
    server.create_room(CONTROL, [BOT, ORGANISER])
    server.create_room(HALL, [BOT])
    return server.create_room(HOSTS, [EARLY, BOT])


async def may_moderate(bot: Running, user: str) -> bool:
    async with bot.database.read() as session:
        return await bot.bot.hosts.is_host(session, user, HALL)


async def becomes(bot: Running, user: str, expected: bool) -> None:
    async def is_so() -> bool:
        return await may_moderate(bot, user) is expected

    await wait_for(is_so, what=f"{user} is {'' if expected else 'no '}host")


@pytest.fixture
def settings(tmp_path: Any) -> dict[str, Any]:
    path = tmp_path / "schedule.xml"
    write_schedule(path, [Planned(1, "Tiny kernels", 10, 25, chat_room=HALL)])
    return {"schedule": {"source": str(path)}, "hosts": {"Main": HOSTS}}


async def test_who_was_there_before_the_bot(
    server: FakeHomeserver, database: Database, hosts_room: FakeRoom, settings: dict[str, Any]
) -> None:
    async with running(server, database, clock_from(START), **settings) as bot:
        await becomes(bot, EARLY, True)
        hosts_room.set_membership(LATE, LATE, "join")
        await becomes(bot, LATE, True)
        hosts_room.set_membership(EARLY, EARLY, "leave")
        await becomes(bot, EARLY, False)
    before = server.requests["joined_members"]
    async with running(server, database, clock_from(START), **settings) as bot:
        await bot.bot.inbox.caught_up.wait()
        hosts_room.set_membership(EARLY, EARLY, "join")
        await becomes(bot, EARLY, True)
        await bot.quiet()
    assert server.requests["joined_members"] == before, "nobody is asked for a second time"


async def test_a_refusal_is_not_the_last_word(
    server: FakeHomeserver, database: Database, hosts_room: FakeRoom, settings: dict[str, Any]
) -> None:
    # The first two are asked by those who join the rooms.
    refusal = Fault("joined_members", (403, {"errcode": "M_FORBIDDEN", "error": "no"}), times=9)
    server.fail(refusal)
    async with running(server, database, clock_from(START), **settings) as bot:
        await refusal.was_met()
        refusal.times = 0
        await becomes(bot, EARLY, True)


async def test_after_an_upgrade(
    server: FakeHomeserver, database: Database, hosts_room: FakeRoom, settings: dict[str, Any]
) -> None:
    async with running(server, database, clock_from(START), **settings) as bot:
        await becomes(bot, EARLY, True)
        predecessor = {"predecessor": {"room_id": hosts_room.room_id}}
        new = server.create_room(None, [LATE], create=predecessor)
        tombstone = {"replacement_room": new.room_id, "body": "on"}
        hosts_room.add(EARLY, "m.room.tombstone", tombstone, "")
        await becomes(bot, LATE, True)
        assert not await may_moderate(bot, EARLY), "who does not come along is none"


async def test_after_the_bot_was_away(
    server: FakeHomeserver, database: Database, hosts_room: FakeRoom, settings: dict[str, Any]
) -> None:
    hosts_room.set_membership(LATE, LATE, "join")
    async with running(server, database, clock_from(START), **settings) as bot:
        await becomes(bot, EARLY, True)
        hosts_room.set_membership(EARLY, BOT, "leave")
        await becomes(bot, EARLY, False)
        hosts_room.set_membership(EARLY, EARLY, "leave")
        for _ in range(TIMELINE_AT_MOST):
            hosts_room.say(ORGANISER, "Those who were there before are out of sight.")
        hosts_room.set_membership(BOT, BOT, "join")
        await becomes(bot, LATE, True)
        assert not await may_moderate(bot, EARLY)


async def test_who_names_a_room_again_wants_it_tried_now(
    server: FakeHomeserver, database: Database, settings: dict[str, Any]
) -> None:
    server.create_room(CONTROL, [BOT, ORGANISER])
    server.create_room(HALL, [BOT])
    server.create_room(HOSTS, [EARLY])
    in_an_hour = {"errcode": "M_LIMIT_EXCEEDED", "error": "no", "retry_after_ms": 3_600_000}
    busy = server.fail(Fault("join", (429, in_an_hour)))
    async with running(server, database, clock_from(START), **settings) as bot:
        await busy.was_met()
        await bot.heard(CONTROL, "Schedule read")
        bot.room(CONTROL).say(ORGANISER, f"!conf hosts main {HOSTS}")
        await becomes(bot, EARLY, True)


async def test_a_room_named_by_command_is_joined(
    server: FakeHomeserver, database: Database, settings: dict[str, Any]
) -> None:
    server.create_room(CONTROL, [BOT, ORGANISER])
    server.create_room(HALL, [BOT])
    room = server.create_room(HOSTS, [EARLY], public=False)
    del settings["hosts"]
    async with running(server, database, clock_from(START), **settings) as bot:
        await bot.heard(CONTROL, "Schedule read")
        bot.room(CONTROL).say(ORGANISER, f"!conf hosts main {HOSTS}")
        await bot.heard(CONTROL, "the hosts' room is")
        await bot.heard(CONTROL, f"{HOSTS}: not joined. It is private: invite me, {BOT}")
        room.set_membership(EARLY, BOT, "invite")
        await becomes(bot, EARLY, True)
        room.add(EARLY, "m.room.join_rules", {"join_rule": "public"}, "")
        await becomes(bot, EARLY, False)
        room.add(EARLY, "m.room.join_rules", {"join_rule": "invite"}, "")
        await becomes(bot, EARLY, True)
    async with running(server, database, clock_from(START), **settings) as bot:
        assert await may_moderate(bot, EARLY)
