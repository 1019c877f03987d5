"""Plays the demo's conference on a real homeserver with the real bot."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fosdembot.clock import ScaledClock
from fosdembot.texts.words import count
from simulation.bot import Bot
from simulation.client import Client
from simulation.events import Json
from simulation.homeserver import Homeserver

from . import archive as archives
from . import meeting as meetings
from . import sample, sample_meeting
from .acts import Act, Deed, Publish, Room, Scan, Told
from .archive import Archive
from .eyes import Eyes
from .judge import judge
from .links import tell_links
from .meeting import Meeting
from .narrator import Narrator
from .pages import Pages
from .players import Players
from .sample import moment
from .verdict import Verdict, forgiving
from .watching import beside, watch

ONLOOKER = "onlooker"
PASSWORD = "demo"
_PATIENCE = 5.0
"""Seconds: so long people look for what they want to act on, at least."""
_ENDS_SECONDS = 2.0
"""So long after the play the rooms are read back: who says something twice has done so."""
_LEAD_SECONDS = 4.0
"""So long before the play begins the bot is started; it needs about one."""

_MOST_FAULTS = 10
"""Lines at the end, for whoever looks on."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Stage:
    homeserver: Homeserver
    people: Mapping[str, Client]
    eyes: Eyes
    bot_id: str
    schedule: Path
    clock: ScaledClock
    speed: float
    late_after: float
    meeting: Meeting | None
    """None: no server for it is installed."""
    archive: Archive
    pages: Pages

    @property
    def script(self) -> Sequence[Act]:
        return sample_meeting.script() if self.meeting else sample.SCRIPT

    @property
    def told(self) -> Sequence[Told]:
        return sample_meeting.told() if self.meeting else sample.TOLD

    @property
    def poll_seconds(self) -> float:
        """Of real time: so often the bot looks at the schedule, which is each minute."""
        return max(60 / self.speed, 1.0)


async def play(
    speed: float, late_after: float, once: bool, summary: Path, tell: Tell, narrator: Narrator
) -> bool:
    """Play it to the end and write the summary, with the transcripts beside it; returns whether
    all went well: nothing more than `late_after` seconds late, on the wall.

    Without `once` it stays up then, until cancelled. Raises `ServerError` where a
    server does not start, or ends, and `CannotWrite`. In any case nothing is left running.
    """
    began = time.monotonic()
    with TemporaryDirectory(prefix="fosdembot-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        tell("Starting a homeserver (Synapse) …")
        async with (
            archives.archive(summary.absolute().with_name(archives.NAME), folder) as archive,
            Homeserver(folder / "synapse", sample.SERVER_NAME) as homeserver,
            beside(watch(homeserver)),
            AsyncExitStack() as clients,
        ):
            # A machine that needs long for this will need long for the bot.
            lead = max(_LEAD_SECONDS, 2 * (time.monotonic() - began))
            meeting = await clients.enter_async_context(meetings.meeting(tell))
            stage, bot = await _set_up(
                homeserver, folder, clients, meeting, archive, speed, late_after, lead, narrator
            )
            onlookers = await _onlookers(stage)
            tell("Starting the bot (maubot with the plugin) …")
            async with bot:
                tell(_invitation(stage))
                looking = [stage.eyes.look_on(*onlooker) for onlooker in onlookers]
                async with (
                    beside(*looking, watch(bot)),
                    stage.pages.looked_at(),
                    # With `once`, nobody looks on.
                    beside(*([] if once else [_links(stage, tell)])),
                ):
                    players, in_hall = await _perform(stage, narrator)
                    judging = _judge_all(stage, players, in_hall)
                    verdict = await forgiving(judging, late_after, once=once)
                    _write(summary, verdict, archive, speed, time.monotonic() - began)
                    tell(farewell(verdict, archive, summary, once=once))
                    if not once:
                        tell(f"All stays up, to look around, transcripts at {archive.url}/")
                        tell("Ctrl-C ends it.")
                        await asyncio.Event().wait()
    return verdict.good


async def _set_up(
    homeserver: Homeserver,
    folder: Path,
    clients: AsyncExitStack,
    meeting: Meeting | None,
    archive: Archive,
    speed: float,
    late_after: float,
    lead: float,
    narrator: Narrator,
) -> tuple[_Stage, Bot]:
    """Accounts, rooms and the schedule; the bot is not started yet. What people do at their
    `clients` ends with those."""
    hosts = (sample.MODERATOR, sample.ORGANISER, ONLOOKER)
    names = (*sample.ATTENDEES, *sample.SPEAKERS, *hosts)
    people = {}
    for name in names:
        account = await homeserver.register(name, PASSWORD)
        people[name] = await clients.enter_async_context(Client(homeserver.url, account))
    account = await homeserver.register(sample.BOT)
    rooms = await _make_rooms(people, account.user_id)
    schedule = folder / "schedule.xml"
    archive.publish(schedule)
    start, wall_start = moment(sample.OPENING), datetime.now(UTC) + timedelta(seconds=lead)
    organisers = [people[name].user_id for name in (sample.ORGANISER, ONLOOKER)]
    settings = {
        "schedule": {"source": str(schedule), "poll_minutes": 1},
        "control_room": rooms[sample.CONTROL],
        "organisers": organisers,
        "speakers": {talk: [people[name].user_id] for name, talk in sample.SPEAKERS.items()},
        "questions": {"letter_minutes": sample.LETTER_MINUTES},
        "clock": {
            "start": start.isoformat(),
            "wall_start": wall_start.isoformat(),
            "speed": speed,
        },
        "jitsi": meeting.settings if meeting else {},
        **archive.settings,
    }
    clock = ScaledClock(start, speed, wall_start)
    bot = Bot(folder / "bot", homeserver.url, account, settings)
    pages = Pages(bot.url)
    bot.plugin_config["pages"] = pages.settings
    eyes = Eyes(rooms, clock, narrator, max(late_after, _PATIENCE))
    if meeting:
        meeting.look_on(eyes)
    stage = _Stage(
        homeserver,
        people,
        eyes,
        account.user_id,
        schedule,
        clock,
        speed,
        late_after,
        meeting,
        archive,
        pages,
    )
    return stage, bot


async def _make_rooms(people: Mapping[str, Client], bot: str) -> dict[Room, str]:
    organiser, moderator = people[sample.ORGANISER], people[sample.MODERATOR]
    rooms = {}
    for room in sample.ROOMS:
        power = {bot: 50, moderator.user_id: 50}
        members = [people[ONLOOKER], *([moderator] if room is not sample.CONTROL else [])]
        invited = [person.user_id for person in members] + ([] if room.public else [bot])
        rooms[room] = await organiser.create_room(
            room.name,
            topic=room.topic,
            alias=room.alias,
            public=room.public,
            power={"users": power},
            invite=invited,
        )
        for person in members:
            await person.join(rooms[room])
    return rooms


async def _onlookers(stage: _Stage) -> list[tuple[Client, str, Room | None]]:
    """Through whose eyes to see, from when on, and in which direct chat (None: the rooms)."""
    onlookers = []
    for chat in (None, *sample.DIRECT_CHATS):
        person = stage.people[(chat and chat.person) or ONLOOKER]
        onlookers.append((person, str((await person.sync(None, 0))["next_batch"]), chat))
    return onlookers


async def _perform(stage: _Stage, narrator: Narrator) -> tuple[Players, Sequence[str]]:
    """Play the script; returns also what went wrong in the hall."""
    players = Players(stage.people, stage.eyes, stage.bot_id, sample.HOSTS, stage.meeting)
    in_hall: Sequence[str] = ()
    for act in stage.script:
        await _sleep_until(stage, act.at)
        if isinstance(act, Publish):
            stage.archive.publish(stage.schedule, act.version)
            narrator.direction(stage.clock.now(), act.said)
        elif isinstance(act, Scan):
            narrator.direction(stage.clock.now(), act.said)
            in_hall = await stage.pages.guest_votes(act)
        else:
            await players.perform(act)
    await _sleep_until(stage, sample.CLOSE)
    await asyncio.sleep(_ENDS_SECONDS)
    return players, in_hall


async def _judge_all(stage: _Stage, players: Players, in_hall: Sequence[str]) -> Verdict:
    """Read the rooms back, then the transcripts and the pages."""
    verdict = await _judge(stage, players.deeds)
    if not verdict.good and stage.late_after > _ENDS_SECONDS:
        # What comes now is late, but not lost.
        await asyncio.sleep(stage.late_after - _ENDS_SECONDS)
        verdict = await _judge(stage, players.deeds)
    verdict.faults += [*players.faults, *in_hall]
    verdict.hall_votes = sum(isinstance(act, Scan) for act in stage.script) - len(in_hall)
    acts = [deed.act for deed in players.deeds]
    seconds = archives.MADE_SECONDS + max(0, _seconds_until(stage, sample.LAST_TRANSCRIPT))
    await stage.archive.judge(stage.told, acts, verdict, seconds)
    # Rooms are judged by then: what is answered on the page now, they need not have been told. That
    # no letter came at all, the judge has said.
    if sample.WITH_MIRA in stage.eyes.rooms:
        letters = await _history(stage, sample.WITH_MIRA)
        letter = "".join(str(event["content"].get("body", "")) for event in letters)
        await stage.pages.speaker_answers(letter, verdict)
    await stage.pages.judge(acts, verdict)
    return verdict


async def _judge(stage: _Stage, deeds: Sequence[Deed]) -> Verdict:
    rooms = {room: await _history(stage, room) for room in stage.eyes.rooms}
    if stage.meeting:
        rooms[sample_meeting.MEETING] = stage.meeting.events
    return judge(
        rooms,
        deeds,
        stage.told,
        stage.bot_id,
        stage.clock,
        stage.speed,
        stage.poll_seconds,
        stage.late_after,
    )


async def _history(stage: _Stage, room: Room) -> list[Json]:
    reader = stage.people[room.person or ONLOOKER]
    return await reader.events(stage.eyes.rooms[room])


async def _sleep_until(stage: _Stage, clock: str) -> None:
    await asyncio.sleep(_seconds_until(stage, clock))


def _seconds_until(stage: _Stage, clock: str) -> float:
    """On the wall."""
    return (stage.clock.to_wall(moment(clock)) - datetime.now(UTC)).total_seconds()


def _links(stage: _Stage, tell: Tell) -> Coroutine[Any, Any, None]:
    return tell_links(stage.people[ONLOOKER], stage.bot_id, tell)


def _invitation(stage: _Stage) -> str:
    return f"""
Harbour Days 2026: three hours, two rooms, eight talks, played {stage.speed:g} times as fast.
{sample.MODERATOR} moderates, {sample.ORGANISER} organises, {_listed(sample.SPEAKERS)} speaks,
and {_listed(sample.ATTENDEES)} attend.
{_about_meeting(stage)}
To look on with any Matrix client (on this machine):
  homeserver  {stage.homeserver.url}
  name        {ONLOOKER}
  password    {PASSWORD}
{stage.pages.addresses()}
You are an organiser there: try !help in any room. Ctrl-C here ends it all.
"""


def _about_meeting(stage: _Stage) -> str:
    if stage.meeting is None:
        return ""
    return f"""{stage.meeting.name} sits in a Jitsi meeting: \
on a real prosody, with a stand-in for Jitsi's focus.
"""


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def farewell(verdict: Verdict, archive: Archive, summary: Path, *, once: bool) -> str:
    """What is told at the end."""
    talks, rooms = count(verdict.talks, "talk"), count(verdict.rooms, "room")
    commands = count(verdict.commands, "command")
    notices = count(sum(n for k, n in verdict.notices.items() if k != "meeting"), "notice")
    told = f"{talks} in {rooms}, {notices}"
    answered = f"{verdict.answers} of {commands} answered"
    questions = count(sum(verdict.questions.values()), "question")
    votes = f"{verdict.votes_counted} of {count(verdict.votes_expected, 'vote')} counted"
    written = f"{count(verdict.answers_written, 'answer')} given in writing"
    said = [
        f"\nThe conference is over: {told}, {answered};",
        f"{questions} asked, {votes}, {written}.",
    ]
    if verdict.in_meeting:
        said.append(f"{count(verdict.in_meeting, 'line')} in the speaker's meeting.")
    told_pages = count(verdict.page_news, "piece") + " of news on two that stayed open"
    in_hall = f"{count(verdict.hall_votes, 'vote')} of people in the hall"
    said.append(f"{count(len(verdict.pages), 'page')} looked at, {told_pages}; {in_hall}.")
    if verdict.good:
        seconds = verdict.as_json()["lateness_seconds"]
        said.append(
            "Nothing was lost, doubled or late: notices came "
            f"{seconds['p50']:.2f} s after their time (median), {seconds['max']:.2f} s at most."
        )
    else:
        others = "Not all went as in the script. If you took part, that may be why:"
        said.append("Not all went well:" if once else others)
        # After a question of somebody else's, all later ones of its room have other numbers.
        most = None if once else _MOST_FAULTS
        said += [f"  {fault}" for fault in verdict.faults[:most]]
        if most and (more := len(verdict.faults) - most) > 0:
            said.append(f"  and {more} more, in the summary")
    index = archive.folder.public / "index.html"
    transcripts = count(len(verdict.transcripts), "transcript")
    if verdict.seconds:
        found = count(len(verdict.seconds), "question")
        transcripts = f"{transcripts}, {found} found in the recording of a talk"
    return "\n".join([*said, f"{transcripts}: {index}", f"Summary: {summary.absolute()}"])


def _write(summary: Path, verdict: Verdict, archive: Archive, speed: float, seconds: float) -> None:
    figures: Json = {"speed": speed, "seconds": round(seconds, 1)} | verdict.as_json()
    figures["folder_of_transcripts"] = str(archive.folder.public)
    summary.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
