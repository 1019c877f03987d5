"""Alarms: what is wrong in a room is told once, to the organisers and to the hosts who see
to it, as soon as the bot knows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.control_room import MOST_LINES, ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_health import ALARMING, Ailment, Finding, RoleOf, RoomHealth
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import RoleRoom, Room, RoomAddress, RoomAlarm, RoomState
from fosdembot.matrix.wake import Wake
from fosdembot.settings import Settings
from fosdembot.texts import rooms as texts
from fosdembot.texts.render import Text, clean, lines, say
from fosdembot.texts.words import clock_time, count

LOOK_AGAIN = 60.0
"""Seconds after which rooms are looked at even if nothing seems to have happened."""

_ENCRYPTED = {
    RoleOf.TALKS: texts.ENCRYPTED_TALKS,
    RoleOf.HOSTS: texts.ENCRYPTED_HOSTS,
    RoleOf.CONTROL: texts.ENCRYPTED_CONTROL,
}


_UNHEARD = frozenset({Ailment.REMOVED, Ailment.BANNED, Ailment.MUTED})
"""What cannot be told in the room that it is about."""


class RoomWords:
    """What is said of a finding."""

    def __init__(self, programme: Programme, settings: Settings, clock: Clock, user_id: str):
        self._programme = programme
        self._settings = settings
        self._clock = clock
        self._user_id = user_id

    def of(self, finding: Finding) -> Text:
        who = clean(finding.by, 255) or texts.SOMEBODY
        control = finding.role is RoleOf.CONTROL
        template = {
            Ailment.MISLED: texts.MISLED,
            Ailment.REMOVED: texts.REMOVED,
            Ailment.BANNED: texts.BANNED,
            Ailment.MUTED: texts.MUTED,
            Ailment.ENCRYPTED: _ENCRYPTED[finding.role],
            Ailment.NO_PIN: texts.NO_PIN,
        }[finding.what]
        return say(
            template,
            room=clean(finding.address, 255),
            me=self._user_id,
            p=self._settings.command_prefix,
            who=who,
            back=self._back(finding),
            talks=count(finding.talks, "talk"),
            them=texts.IT if finding.talks == 1 else texts.THEM,
            role=texts.THE_CONTROL_ROOM if control else texts.A_HOSTS_ROOM,
        )

    def _back(self, finding: Finding) -> str:
        now = self._clock.now()
        wait = timedelta(minutes=self._settings.rooms.return_minutes)
        back = max((finding.at or now) + wait, now)
        return clock_time(back, self._programme.zone, now)


class Alarms:
    """The only writer of `room_alarms`."""

    def __init__(
        self,
        database: Database,
        health: RoomHealth,
        words: RoomWords,
        control_room: ControlRoom,
        hosts: Hosts,
        settings: Settings,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._health = health
        self._words = words
        self._control_room = control_room
        self._hosts = hosts
        self._settings = settings
        self._clock = clock
        self._log = log
        self._watch = database.watch(Room, RoomAddress, RoleRoom, RoomState, RoomAlarm)
        self._no_news_as_of: tuple[object, ...] | None = None
        """What was looked at when there was nothing to tell."""
        self.wake = Wake()

    async def step(self) -> float:
        """Tell what is new, once; forget what is over. Returns the seconds until the next look."""
        await self._look()
        return LOOK_AGAIN

    async def _look(self) -> None:
        # Who writes meanwhile makes it another version, which is read at the next look.
        looked_at = self._watch.version, self._health.named
        if looked_at == self._no_news_as_of:
            return
        async with self._database.read() as session:
            over, new = await self._news(session)
        if not over and not new:
            self._no_news_as_of = looked_at
            return
        async with self._database.write() as session:
            over, new = await self._news(session)
            for alarm in over:
                await session.delete(alarm)
            now = self._clock.now()
            for finding in new:
                session.add(RoomAlarm(address=finding.address, kind=finding.what, since=now))
            if new:
                await self._tell(session, new)

    async def _news(self, session: AsyncSession) -> tuple[list[RoomAlarm], list[Finding]]:
        """What was told and is over, and what is to be told; whatever address a room had when
        it was told of."""
        alarms = (await session.scalars(select(RoomAlarm))).all()
        findings = await self._alarming(session)
        known = {(alarm.address, alarm.kind) for alarm in alarms}
        found = {each for finding in findings for each in _keys(finding)}
        over = [alarm for alarm in alarms if (alarm.address, alarm.kind) not in found]
        return over, [finding for finding in findings if known.isdisjoint(_keys(finding))]

    async def _alarming(self, session: AsyncSession) -> list[Finding]:
        return [f for f in await self._health.findings(session) if f.what in ALARMING]

    async def _tell(self, session: WriteSession, new: Sequence[Finding]) -> None:
        for finding in new:
            self._log.warning("%s", self._words.of(finding).plain)
        control = self._settings.control_room
        heard = [f for f in new if f.address != control or f.what not in _UNHEARD]
        await self._tell_at(session, control, heard)
        for hosts in self._hosts.addresses:
            theirs = [
                finding
                for finding in new
                if any(hosts in self._hosts.for_talks_at(name) for name in finding.names)
            ]
            await self._tell_at(session, hosts, theirs)

    async def _tell_at(
        self, session: WriteSession, address: str, findings: Sequence[Finding]
    ) -> None:
        if not address or not findings:
            return
        said = [self._words.of(finding) for finding in findings[:MOST_LINES]]
        if (more := len(findings) - MOST_LINES) > 0:
            said.append(say(texts.ALL_OF_THEM, count=more, p=self._settings.command_prefix))
        text = lines(said)
        name = await self._control_room.news(session, f"alarm/{address}", text)
        await self._control_room.tell_at(session, name, address, text)


def _keys(finding: Finding) -> set[tuple[str, str]]:
    """What it may have been noted under."""
    return {(name, finding.what.value) for name in finding.names}
