"""What a bot must survive, whatever server and database it runs on.

Each scenario takes the bot as a `Server` (its process, that can be stopped, killed,
frozen), and reads what came of it back from the rooms with an independent client.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fosdembot.schedule.read import read
from fosdembot.settings import load
from fosdembot.talks.messages import run_through
from fosdembot.talks.notices import plan
from fosdembot.talks.slots import build_slots
from simulation.client import Client, RequestError
from simulation.conference import (
    MANY,
    Planned,
    schedule_xml,
    settings,
    staggered_talks,
    write_schedule,
)
from simulation.homeserver import Account, Homeserver
from simulation.server import Server
from simulation.waiting import wait_for
from tests.conftest import MakePerson

BURST = 120
"""Events: more than the 100 of one room that an answer of `/sync` holds."""
COMMANDS = ("!talk", "!next", "!schedule", "!help", "! next", "！talk", "!NEXT")


@dataclass
class World:
    """A homeserver's rooms, the people in them, and the account of the bot."""

    admin: Client
    people: Sequence[Client]
    account: Account
    rooms: dict[str, str]
    """Alias → room."""
    talks: Sequence[Planned]
    schedule: Path

    async def say(self, number: int, rooms: Sequence[str] = ()) -> None:
        """`number` commands, by everybody in every room (or these), a few at the same time."""
        places = cycle(rooms or tuple(self.rooms.values()))
        turns = zip(cycle(self.people), places, cycle(COMMANDS), strict=False)
        waiting = list(islice(turns, number))
        for start in range(0, number, 20):
            said = waiting[start : start + 20]
            await asyncio.gather(*(who.send(room, text) for who, room, text in said))

    async def burst(self) -> None:
        """Some commands in every room, and in the first more than an answer of `/sync` holds."""
        await self.say(10 * len(self.rooms))
        await self.say(BURST, tuple(self.rooms.values())[:1])


async def make_world(
    name: str,
    homeserver: Homeserver,
    person: MakePerson,
    folder: Path,
    *,
    rooms: int = 3,
    people: int = 4,
    talks: Callable[[str, int], Sequence[Planned]] = lambda _alias, _number: (),
) -> World:
    """Rooms `#name-0` and so on; `talks(alias, number)` are what takes place in each."""
    admin = await person("admin", homeserver)
    attendees = [await person("attendee", homeserver) for _ in range(people)]
    account = await homeserver.register(f"bot-{name}")
    made: dict[str, str] = {}
    programme: list[Planned] = []
    for number in range(rooms):
        alias = f"#{name}-{number}:{homeserver.server_name}"
        made[alias] = await admin.create_room(
            alias=f"{name}-{number}", power={"users": {account.user_id: 50}}
        )
        for attendee in attendees:
            await attendee.join(made[alias])
        programme += talks(alias, number) or [
            Planned(number, "Tiny kernels", 0, 60, chat_room=alias, place=f"Hall {number}")
        ]
    schedule = folder / f"{name}.xml"
    write_schedule(schedule, programme)
    return World(admin, attendees, account, made, programme, schedule)


async def wait_until_joined(world: World) -> None:
    """Until the bot is in every room."""
    for room in world.rooms.values():

        async def is_in(room: str = room) -> bool:
            try:
                member = await world.admin.state(room, "m.room.member", world.account.user_id)
            except RequestError:
                return False
            return bool(member["membership"] == "join")

        await wait_for(is_in, 60, f"the bot in {room}")


async def check_answers(world: World, seconds: float = 60) -> None:
    """Every command since the bot came into each room was answered once, in order."""
    asked = {room: await world.admin.send(room, "!help") for room in world.rooms.values()}
    for room, last in asked.items():

        async def answered(room: str = room, last: str = last) -> bool:
            # Answers keep the order of their room: after this one, none is to come.
            return await world.admin.answer_to(room, last, world.account.user_id) is not None

        await wait_for(answered, seconds, f"the last answer in {room}", every=0.5)
    for room in world.rooms.values():
        commands, answers = await _since_joining(world, room)
        assert answers == commands


async def _since_joining(world: World, room: str) -> tuple[list[str], list[str]]:
    """The commands in a room since the bot last came in, and those that were answered,
    each in the room's order."""
    commands: list[str] = []
    answers: list[str] = []
    for event in await world.admin.events(room):
        content = event["content"]
        if event["type"] == "m.room.member" and event["state_key"] == world.account.user_id:
            commands, answers = [], []
        elif event["type"] != "m.room.message":
            continue
        elif event["sender"] == world.account.user_id:
            reply = content.get("m.relates_to", {}).get("m.in_reply_to")
            answers += [reply["event_id"]] if reply else []
        elif str(content.get("body")).startswith(("!", "！")):
            commands.append(event["event_id"])
    return commands, answers


def expected_notices(world: World, config: dict[str, Any], alias: str) -> list[str]:
    """What a room hears in all if nothing is missed, by the pure rules alone."""
    loaded, _ = load(config)
    entries = read(schedule_xml(world.talks).encode(), loaded.schedule).entries
    slots = build_slots(entries, {}, loaded)
    here = [slot for slot in slots if slot.talk.chat_room == alias]
    utc = ZoneInfo("UTC")
    notices = plan(here, loaded, alias, False, utc)
    return [message.text.plain for _, message in run_through(notices, utc, "!")]


async def told(world: World, room: str) -> list[str]:
    """What the bot said in a room without being asked."""
    said = await world.admin.messages(room, world.account.user_id)
    return [message.body for message in said if message.reply_to is None]


async def answer_to(world: World, room: str, event_id: str) -> str:
    """What the bot answered to a message."""

    async def answer() -> str:
        message = await world.admin.answer_to(room, event_id, world.account.user_id)
        return message.body if message is not None else ""

    return await wait_for(answer, 60, f"an answer to {event_id}", every=0.2)


async def check_notices(world: World, config: dict[str, Any], seconds: float = 60) -> None:
    """Every notice of every room was told once, in order."""
    for alias, room in world.rooms.items():
        expected = expected_notices(world, config, alias)

        async def all_told(room: str = room, number: int = len(expected)) -> bool:
            return len(await told(world, room)) >= number

        await wait_for(all_told, seconds, f"{len(expected)} notices in {room}", every=0.5)
        assert await told(world, room) == expected


# --- the scenarios -----------------------------------------------------------


async def commands_while_down(bot: Server, world: World) -> None:
    """A burst of commands while the bot is down."""
    if not bot.running:
        await bot.start()
    await wait_until_joined(world)
    await bot.stop()
    await world.burst()
    await bot.start()
    await check_answers(world, 120)


async def commands_while_frozen(bot: Server, world: World) -> None:
    """A burst of commands while it is frozen."""
    bot.pause()
    await world.burst()
    bot.resume()
    await check_answers(world, 120)


async def joined_while_down(bot: Server, world: World, bot_client: Client) -> None:
    """The account comes into a room while the bot is down; what was said before is not its."""
    await bot.stop()
    alias, room = next(iter(world.rooms.items()))
    await bot_client.leave(room)
    await world.say(20)
    await bot_client.join(alias)
    await world.say(60)
    await bot.start()
    await check_answers(world, 120)


async def poison_in_the_middle(bot: Server, world: World) -> None:
    """Events of odd shapes among commands, read all at once."""
    await bot.stop()
    room = next(iter(world.rooms.values()))
    await world.say(10)
    for kind, content in POISON:
        try:
            await world.admin.send_event(room, kind, content)
        except RequestError:
            # Synapse refuses it itself, which is as good.
            continue
        await world.say(1)
    for kind, key, content in POISONED_STATE:
        try:
            await world.admin.set_state(room, kind, content, key)
        except RequestError:
            continue
        await world.say(1)
    await bot.start()
    await check_answers(world, 120)


def _nested(depth: int) -> Any:
    """As deep as Synapse takes it: 125 with what is around it."""
    found: Any = 1
    for level in range(depth):
        found = [found] if level % 2 else {"a": found}
    return found


_TEXT = {"msgtype": "m.text", "body": "hi"}
_EDIT = {"rel_type": "m.replace", "event_id": "$none"}
_LARGEST = 2**53 - 1
POISON: Sequence[tuple[str, dict[str, Any]]] = (
    ("m.room.message", {}),
    ("m.room.message", {"msgtype": 5, "body": {"a": []}}),
    ("m.room.message", {"msgtype": "m.text", "body": None}),
    ("m.room.message", {**_TEXT, "body": "nul \x00 in it"}),
    ("m.room.message", {**_TEXT, "body": "?" * 50_000}),
    ("m.room.message", {**_TEXT, "body": "<" * 5_000 + "> hello"}),
    ("m.room.message", {**_TEXT, "body": "> " * 20_000 + "\n\nhi"}),
    ("m.room.message", {**_TEXT, "format": [], "formatted_body": "<b>" * 10_000}),
    ("m.room.message", {**_TEXT, "deep": _nested(120)}),
    ("m.room.message", {**_TEXT, "large": _LARGEST, "": {"": None}}),
    ("m.room.message", {**_TEXT, **{f"key {number}": number for number in range(3_000)}}),
    ("m.room.message", {**_TEXT, "m.relates_to": "no"}),
    ("m.room.message", {**_TEXT, "m.relates_to": {"rel_type": []}}),
    ("m.room.message", {**_TEXT, "m.relates_to": {"m.in_reply_to": {"event_id": [1]}}}),
    ("m.room.message", {**_TEXT, "m.new_content": [1], "m.relates_to": _EDIT}),
    ("m.room.message", {**_TEXT, "m.new_content": {"body": 1}, "m.relates_to": _EDIT}),
    ("m.room.message", {**_TEXT, "m.new_content": {}, "m.relates_to": {**_EDIT, "event_id": {}}}),
    ("m.room.message", {**_TEXT, "org.fosdembot.key": {"a": 1}, "m.mentions": 5}),
    ("m.reaction", {}),
    ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": 1, "key": []}}),
    ("m.room.encrypted", {"algorithm": {}}),
    ("m.room.redaction", {"redacts": 5}),
    ("m.room.member", {"membership": "join"}),
    ("m.room.tombstone", {"replacement_room": "!anywhere"}),
)
"""Messages; also of types that are state, without a state key."""
POISONED_STATE: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("m.room.pinned_events", "", {"pinned": "no"}),
    ("m.room.pinned_events", "", {"pinned": [5, None, {"a": []}, "x" * 40_000]}),
    ("m.room.canonical_alias", "", {"alt_aliases": []}),
    ("m.room.canonical_alias", "", {"alias": None}),
    ("m.room.canonical_alias", "other", {"alias": {}, "alt_aliases": 5}),
    ("m.room.name", "", {"name": ["x\x00"]}),
    ("m.room.name", "", {"name": "x\x00"}),
    ("m.room.power_levels", "other", {"users": [], "events": 5, "state_default": "a"}),
    ("m.room.create", "other", {"room_version": [], "additional_creators": {"a": 1}}),
    ("m.room.encryption", "other", {"algorithm": 5}),
    ("m.bridge", "", {"bridgebot": "\x00"}),
    ("m.bridge", "nul \x00 in it", {"deep": _nested(120)}),
    ("m.room.tombstone", "other", {"replacement_room": "!anywhere"}),
    ("m.room.tombstone", "", {"replacement_room": 5}),
    ("m.room.tombstone", "", {"body": "to nowhere", "replacement_room": "#no"}),
    ("m.room.tombstone", "", {"replacement_room": "!" + "x" * 40_000}),
)
"""Type, state key, content."""


async def database_fails(world: World, fail: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """`fail` makes the database fail for a while, and returns when it is well again."""
    await world.say(10)
    failing = asyncio.create_task(fail())
    await world.say(60)
    await failing
    await check_answers(world, 120)


async def make_busy_world(
    name: str, homeserver: Homeserver, person: MakePerson, folder: Path
) -> tuple[World, dict[str, Any]]:
    """Twelve rooms, and a configuration with which every two seconds something falls due,
    from 10 seconds from now on: first "Now" in each room, then Q&A.

    A minute is a second, and nothing may come 40 seconds late.
    """
    world = await make_world(name, homeserver, person, folder, rooms=12, talks=staggered_talks)
    quiet = {"level": "quiet", "qa_minutes": 60}
    return world, settings(world.schedule, at=15, speed=60, limits=MANY, notices=quiet)


async def killed_at_random(
    bot: Server, world: World, config: dict[str, Any], seed: int, kills: int = 30
) -> None:
    """SIGKILL at random moments while notices fall due (`make_busy_world`) and people command.

    Every third life lasts until it has answered, and so none of them falls due in vain.
    """
    chance = random.Random(seed)
    bot.kill()
    chatter = asyncio.create_task(_chat(world))
    try:
        for number in range(kills):
            bot.launch()
            if number % 3 == 2:
                await _answers(world)
                await _let_pass(chance.uniform(0.0, 1.5))
            else:
                await _let_pass(chance.uniform(0.2, 2.5))
            bot.kill()
    finally:
        chatter.cancel()
    await bot.start()
    await check_notices(world, config, 120)
    await check_answers(world, 120)
    # Nor did anything come a second time meanwhile.
    await check_notices(world, config)


async def _answers(world: World) -> None:
    """Until the bot answers a command; what came before its joining, it never does."""
    await wait_until_joined(world)
    room = next(iter(world.rooms.values()))
    await answer_to(world, room, await world.admin.send(room, "!help"))


async def _chat(world: World) -> None:
    while True:
        await world.say(3)
        await _let_pass(0.7)


async def _let_pass(seconds: float) -> None:
    """Here time itself is the fault that is tested: a kill comes when it comes."""
    await asyncio.sleep(seconds)
