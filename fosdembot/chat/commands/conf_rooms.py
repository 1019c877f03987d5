"""`!conf rooms`: which rooms need help, and what kind of help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.alarms import RoomWords
from fosdembot.conference.control_room import MOST_LINES, NOT_TRIED, ControlRoom
from fosdembot.conference.hosts import Hosts, Unfit
from fosdembot.conference.room_health import Ailment, Finding, RoleOf, RoomHealth
from fosdembot.db.tables import Outgoing, RoomAddress
from fosdembot.matrix.room_addresses import role_room_of, room_of
from fosdembot.texts import commands as texts
from fosdembot.texts import hosts as hosts_texts
from fosdembot.texts.render import Text, clean, lines, say
from fosdembot.texts.words import count

UNFIT = {
    Unfit.CONTROL_ROOM: hosts_texts.IS_CONTROL_ROOM,
    Unfit.TALK_ROOM: hosts_texts.IS_TALK_ROOM,
    Unfit.OPEN_TO_ALL: hosts_texts.IS_OPEN_TO_ALL,
}


class RoomList:
    """`held`: the rooms (their ids) that refuse what the bot says, with why."""

    def __init__(
        self,
        health: RoomHealth,
        words: RoomWords,
        hosts: Hosts,
        control_room: ControlRoom,
        prefix: str,
        held: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._health = health
        self._words = words
        self._hosts = hosts
        self._control_room = control_room
        self._held = held
        self._prefix = prefix

    async def page(self, session: AsyncSession, number: int) -> Text:
        """The problems, so many a page; page 1 is the first."""
        problems = [text for found in (await self.problems(session)).values() for text in found]
        talk_rooms = sum(self._health.role_of(a) is RoleOf.TALKS for a in self._health.addresses)
        if not problems:
            return say(texts.ROOMS_ALL_WELL, rooms=count(talk_rooms, "room"))
        pages = (len(problems) + MOST_LINES - 1) // MOST_LINES
        number = min(max(number, 1), pages)
        total = count(len(problems), "problem")
        header = texts.PROBLEMS_PAGE if pages > 1 else texts.PROBLEMS_HEADER
        said = [say(header, problems=total, page=number, pages=pages)]
        said += problems[(number - 1) * MOST_LINES : number * MOST_LINES]
        if (more := len(problems) - number * MOST_LINES) > 0:
            said.append(say(texts.MORE_PROBLEMS, count=more, p=self._prefix, page=number + 1))
        return lines(said)

    async def problems(self, session: AsyncSession) -> Mapping[str, list[Text]]:
        """All rooms by address, with what is wrong in each."""
        findings: defaultdict[str, list[Finding]] = defaultdict(list)
        away: set[str] = set()
        for finding in await self._health.findings(session):
            findings[finding.address].append(finding)
            away |= finding.names if finding.is_away else set()
        refused = dict(await self._refused(session))
        by_address: dict[str, list[Text]] = {}
        for address in self._health.addresses:
            problems = by_address[address] = []
            is_hosts = address in self._hosts.addresses
            unfit = await self._hosts.unfit(session, address) if is_hosts else None
            if unfit is not None:
                problems.append(say(hosts_texts.LINE, track=address, state=say(UNFIT[unfit])))
            problems += [self._words.of(finding) for finding in findings[address]]
            if unfit is None and address not in away:
                missing = await self.not_joined(session, address)
                problems += [missing] if missing is not None else []
            room = await self._room(session, address)
            mute = any(finding.what is Ailment.MUTED for finding in findings[address])
            # Once, also where the room has several addresses.
            refusal = refused.pop(room, None) if room is not None else None
            if refusal is not None and not mute:
                why = clean(refusal, 120)
                problems.append(say(texts.ROOM_REFUSED, room=address, why=why))
        return by_address

    async def not_joined(self, session: AsyncSession, address: str) -> Text | None:
        """Why the bot is not in the room at `address`; None if it is."""
        if await self._room(session, address) is not None:
            return None
        row = await session.get(RoomAddress, address)
        code = (row.problem if row is not None else None) or NOT_TRIED
        return self._control_room.problem(address, code)

    async def _room(self, session: AsyncSession, address: str) -> str | None:
        find = role_room_of if address in self._hosts.roles else room_of
        return await find(session, address)

    async def _refused(self, session: AsyncSession) -> Mapping[str, str]:
        """Rooms whose newest message was refused, with why."""
        newest = (
            select(func.max(Outgoing.id))
            .where(Outgoing.state.in_(("sent", "failed")))
            .group_by(Outgoing.room_id)
        )
        rows: Sequence[Outgoing] = (
            await session.scalars(
                select(Outgoing).where(Outgoing.id.in_(newest), Outgoing.state == "failed")
            )
        ).all()
        return {row.room_id: row.error or "" for row in rows} | dict(self._held())
