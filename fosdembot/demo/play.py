"""Plays the demo's conference on a real homeserver with the real bot."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fosdembot.clock import ScaledClock
from fosdembot.texts.words import count

from . import sample
from .bot import Bot
from .homeserver import Homeserver
from .judge import LATE_SECONDS, Verdict, judge
from .narrator import Narrator
from .person import Person
from .sample import Join, Publish, Room, Say, moment
from .server import Server, ServerError

ONLOOKER = "onlooker"
PASSWORD = "demo"
_LEAD_SECONDS = 4.0
"""So long before the play begins the bot is started; it needs about one."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Stage:
    homeserver: Homeserver
    people: Mapping[str, Person]
    rooms: Mapping[Room, str]
    bot_id: str
    schedule: Path
    clock: ScaledClock
    speed: float

    @property
    def poll_seconds(self) -> float:
        """Of real time: so often the bot looks at the schedule, which is each minute."""
        return max(60 / self.speed, 1.0)


async def play(speed: float, once: bool, summary: Path, tell: Tell, narrator: Narrator) -> bool:
    """Play it to the end and write the summary; returns whether all went well.

    Without `once` it stays up then, until cancelled. Raises `ServerError` where a
    server does not start, or ends. In any case nothing is left running.
    """
    began = time.monotonic()
    with TemporaryDirectory(prefix="fosdembot-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        tell("Starting a homeserver (Synapse) …")
        async with Homeserver(folder / "synapse", sample.SERVER_NAME) as homeserver:
            # A machine that needs long for this will need long for the bot.
            lead = max(_LEAD_SECONDS, 2 * (time.monotonic() - began))
            stage, bot = await _set_up(homeserver, folder, speed, lead)
            since = await _now(stage.people[ONLOOKER])
            tell("Starting the bot (maubot with the plugin) …")
            async with bot:
                tell(_invitation(stage))
                always = (_narrate(stage, since, narrator), _watch((homeserver, bot)))
                async with _beside(*always):
                    verdict = await _perform(stage, narrator)
                    _write(summary, verdict, speed, time.monotonic() - began)
                    tell(_farewell(verdict, summary))
                    if not once:
                        tell("All stays up, to look around. Ctrl-C ends it.")
                        await asyncio.Event().wait()
    return verdict.good


@asynccontextmanager
async def _beside(*always: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these until the block ends; raises the first error of theirs or the block's."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in always]
            yield
            for task in tasks:
                task.cancel()
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _set_up(
    homeserver: Homeserver, folder: Path, speed: float, lead: float
) -> tuple[_Stage, Bot]:
    """Accounts, rooms and the schedule; the bot is not started yet."""
    names = (*sample.ATTENDEES, sample.MODERATOR, sample.ORGANISER, ONLOOKER)
    people = {name: Person(homeserver, await homeserver.register(name, PASSWORD)) for name in names}
    account = await homeserver.register(sample.BOT)
    rooms = await _make_rooms(people, account.user_id)
    schedule = folder / "schedule.xml"
    sample.write_schedule(schedule)
    start, wall_start = moment(sample.OPENING), datetime.now(UTC) + timedelta(seconds=lead)
    organisers = [people[name].user_id for name in (sample.ORGANISER, ONLOOKER)]
    settings = {
        "schedule": {"source": str(schedule), "poll_minutes": 1},
        "control_room": rooms[sample.CONTROL],
        "organisers": organisers,
        "clock": {
            "start": start.isoformat(),
            "wall_start": wall_start.isoformat(),
            "speed": speed,
        },
    }
    clock = ScaledClock(start, speed, wall_start)
    bot = Bot(folder / "bot", homeserver.url, account, settings)
    stage = _Stage(homeserver, people, rooms, account.user_id, schedule, clock, speed)
    return stage, bot


async def _make_rooms(people: Mapping[str, Person], bot: str) -> dict[Room, str]:
    organiser, moderator = people[sample.ORGANISER], people[sample.MODERATOR]
    onlooker = people[ONLOOKER]
    rooms = {}
    for room in sample.ROOMS:
        power = {bot: 50, moderator.user_id: 50}
        invited = (onlooker.user_id,) if room.alias else (onlooker.user_id, bot)
        rooms[room] = await organiser.create_room(room.name, room.topic, room.alias, power, invited)
        await onlooker.join(rooms[room])
        if room.alias:
            await moderator.join(rooms[room])
    return rooms


async def _now(person: Person) -> str:
    """The position in the stream of events from which on they have not been seen."""
    return str((await person.sync(None, 0))["next_batch"])


async def _narrate(stage: _Stage, since: str, narrator: Narrator) -> None:
    """Tell what happens in the rooms, until cancelled."""
    names = {room_id: room for room, room_id in stage.rooms.items()}
    while True:
        answer = await stage.people[ONLOOKER].sync(since, 10)
        since = answer["next_batch"]
        joined = answer.get("rooms", {}).get("join", {})
        events = [
            (event["origin_server_ts"], names[room_id], event)
            for room_id, update in joined.items()
            if room_id in names
            for event in update["timeline"]["events"]
        ]
        for sent, room, event in sorted(events, key=lambda entry: entry[0]):
            at = datetime.fromtimestamp(sent / 1000, UTC)
            narrator.event(stage.clock.from_wall(at), room, event)


async def _watch(servers: Iterable[Server]) -> None:
    """Raises `ServerError` as soon as one of them has ended."""
    while True:
        for server in servers:
            if not server.running:
                raise ServerError(f"{server.name} has ended:\n{server.log_tail()}")
        await asyncio.sleep(0.5)


async def _perform(stage: _Stage, narrator: Narrator) -> Verdict:
    """Play the script, then read the rooms back."""
    said: list[tuple[Say, str]] = []
    for act in sample.SCRIPT:
        await _sleep_until(stage, act.at)
        match act:
            case Join(_, who, room):
                await stage.people[who].join(stage.rooms[room])
            case Say(_, who, room, text):
                said.append((act, await stage.people[who].say(stage.rooms[room], text)))
            case Publish():
                sample.write_schedule(stage.schedule, changed=True)
                narrator.direction(stage.clock.now(), "A newer schedule is published.")
    await _sleep_until(stage, sample.CLOSE)
    # What comes now would be late, but not lost.
    await asyncio.sleep(LATE_SECONDS)
    reader = stage.people[ONLOOKER]
    histories = {room: await reader.history(room_id) for room, room_id in stage.rooms.items()}
    return judge(
        histories, said, sample.TOLD, stage.bot_id, stage.clock, stage.speed, stage.poll_seconds
    )


async def _sleep_until(stage: _Stage, clock: str) -> None:
    wall = stage.clock.to_wall(moment(clock))
    await asyncio.sleep((wall - datetime.now(UTC)).total_seconds())


def _invitation(stage: _Stage) -> str:
    return f"""
Harbour Days 2026: three hours, two rooms, eight talks, played {stage.speed:g} times as fast.
{sample.MODERATOR} moderates, {sample.ORGANISER} organises, and {_listed(sample.ATTENDEES)} attend.

To look on with any Matrix client (on this machine):
  homeserver  {stage.homeserver.url}
  name        {ONLOOKER}
  password    {PASSWORD}
You are an organiser there: try !help in any room. Ctrl-C here ends it all.
"""


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"


def _farewell(verdict: Verdict, summary: Path) -> str:
    talks, rooms = count(verdict.talks, "talk"), count(verdict.rooms, "room")
    notices, commands = sum(verdict.notices.values()), count(verdict.commands, "command")
    told = f"{talks} in {rooms}, {count(notices, 'notice')}"
    answered = f"{verdict.answers} of {commands} answered"
    said = [f"\nThe conference is over: {told}, {answered}."]
    if verdict.good:
        seconds = verdict.as_json()["lateness_seconds"]
        said.append(
            "Nothing was lost, doubled or late: notices came "
            f"{seconds['p50']:.2f} s after their time (median), {seconds['max']:.2f} s at most."
        )
    else:
        said.append("Not all went well:")
        said += [f"  {fault}" for fault in verdict.faults]
    return "\n".join([*said, f"Summary: {summary.absolute()}"])


def _write(summary: Path, verdict: Verdict, speed: float, seconds: float) -> None:
    figures = {"speed": speed, "seconds": round(seconds, 1)} | verdict.as_json()
    summary.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
