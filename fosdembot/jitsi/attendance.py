"""In which meetings the bot is: it comes some minutes before a talk, and leaves when the talk is
over and nobody is left. It is never the first and never the last, since whoever is alone in a
meeting becomes its moderator.

Each meeting has one task (`attending.py`), which begins and ends here and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference import meeting_removals
from fosdembot.db.engine import Database
from fosdembot.matrix.wake import Wake
from fosdembot.meeting_url import MeetingUrl
from fosdembot.settings import Settings
from fosdembot.talks.slots import StageSlot

from . import coming
from .attending import Attending
from .bridge import Bridge
from .coming import Plan
from .meeting import Connect, Trouble
from .meeting_talks import MeetingTalks

LOOK_AGAIN = 60.0
"""Seconds after which programme and meetings are compared even if nothing seems to be new."""
NEAR = timedelta(hours=12)
"""Rooms without a talk planned within this time are not looked at: decisions move talks by less."""
MOST_AT_ONCE = 250
"""Meetings. A schedule may name any number, and each takes a connection of the process."""
_APART = 0.05
"""Seconds between the first tries of meetings that are to be entered at the same moment."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    plans: Mapping[MeetingUrl, Plan]
    """Of each meeting with a talk soon or on."""
    removed_at: Mapping[MeetingUrl, datetime]
    """When somebody removed the bot from it."""
    is_any: bool
    """Whether any talk has a meeting."""

    @property
    def again(self) -> datetime | None:
        """When this may be otherwise."""
        return min((p.again for p in self.plans.values() if p.again is not None), default=None)


class Attendance:
    """`bridge_of` makes the bridge of a meeting; `name`: what the bot is called there."""

    def __init__(
        self,
        connect: Connect,
        bridge_of: Callable[[MeetingUrl], Bridge],
        talks_of: MeetingTalks,
        database: Database,
        settings: Settings,
        name: Callable[[], str],
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self.connect = connect
        self.bridge_of = bridge_of
        self._meetings = talks_of.meetings
        self._programme = talks_of.programme
        self._database = database
        self._settings = settings
        self._name = name
        self._clock = clock
        self._log = log
        self.wake = Wake()
        self._attended: dict[MeetingUrl, Attending] = {}
        """Also those that are being left: before that is done, no other connection is made."""
        self._removed: dict[MeetingUrl, datetime] = {}
        """When somebody removed the bot, where that is not in the database yet."""

    def changed(self, talks: Collection[str] | None = None) -> None:
        """Questions to these talks (their guids) may be others; None: anything may be."""
        for attended in self._attended.values():
            attended.bridge.changed(talks)

    def return_to(self, meeting: MeetingUrl) -> None:
        """Somebody wants the bot there, whatever happened before, and now."""
        self._removed.pop(meeting, None)
        if meeting in self._attended:
            self._attended[meeting].hurry()
        self.wake.set()

    async def step(self) -> float | None:
        """Come and leave; waits for no meeting. Returns the seconds until the next look."""
        now = self._clock.now()
        await self._keep_removals(now)
        async with self._database.read() as session:
            wanted = await self._wanted(session, now)
        hosts = self._settings.jitsi.servers
        coming = [m for m, plan in wanted.plans.items() if plan.talk and m.host in hosts]
        await self._leave(meeting for meeting in self._attended if meeting not in coming)
        self._come(sorted(coming, key=lambda meeting: _start(wanted.plans[meeting])), now)
        self._note_others(wanted, now)
        if not wanted.is_any and not self._attended:
            return None
        if wanted.again is None:
            return LOOK_AGAIN
        until = self._clock.to_wall(wanted.again) - self._clock.to_wall(now)
        return min(LOOK_AGAIN, max(0.1, until.total_seconds()))

    async def close(self) -> None:
        """Leave all meetings, and return when that is done. Nobody may write to the database
        meanwhile."""
        attended = list(self._attended.values())
        for each in attended:
            each.end()
        await asyncio.gather(*(each.ended() for each in attended))

    # --- where the bot is wanted -----------------------------------------------------

    async def _wanted(self, session: AsyncSession, now: datetime) -> _Wanted:
        slots, is_any = await self._slots(session, now)
        removals = await meeting_removals.removals(session) if slots else {}
        plans, removed_at = {}, {}
        for meeting, own in slots.items():
            removal = removals.get(str(meeting))
            plans[meeting] = coming.plan(
                own,
                now,
                self._before,
                lingers=self._lingers(meeting),
                removed=removal,
            )
            if removal is not None:
                removed_at[meeting] = removal.at
        return _Wanted(plans, removed_at, is_any)

    async def _slots(
        self, session: AsyncSession, now: datetime
    ) -> tuple[Mapping[MeetingUrl, Sequence[StageSlot]], bool]:
        """The talks of the meetings of all rooms with a talk near, as they will really take place;
        and whether any talk has a meeting."""
        talks_of, meetings_at = await self._meetings.all_with_rooms(session)
        near = [
            address
            for address in meetings_at
            if any(
                talk.start - NEAR <= now < talk.end + NEAR
                for talk in self._programme.talks_at(address)
            )
        ]
        rooms = await self._programme.rooms(session, near) if near else {}
        slots = {slot.talk.guid: slot for room in rooms.values() for slot in room.slots}
        found = {}
        for meeting in {meeting for address in near for meeting in meetings_at[address]}:
            own = [slots[talk.guid] for talk in talks_of[meeting] if talk.guid in slots]
            found[meeting] = own
        return found, bool(talks_of)

    def _lingers(self, meeting: MeetingUrl) -> bool:
        attended = self._attended.get(meeting)
        are_there = bool(self._meetings.state(meeting).people)
        return are_there or (attended is not None and attended.comes_back)

    @property
    def _before(self) -> timedelta:
        return timedelta(minutes=self._settings.jitsi.before_minutes)

    async def _keep_removals(self, now: datetime) -> None:
        kept = dict(self._removed)
        if not kept:
            return
        async with self._database.write() as session:
            slots, _ = await self._slots(session, now)
            for meeting, at in kept.items():
                talk = coming.removed_from(slots.get(meeting, ()), at, self._before)
                if talk is not None:
                    await meeting_removals.note(session, meeting, talk.talk.guid, at)
        for meeting in kept:
            self._removed.pop(meeting, None)

    # --- coming and leaving ------------------------------------------------------------

    def _come(self, meetings: Iterable[MeetingUrl], now: datetime) -> None:
        fresh = [m for m in meetings if m not in self._attended and m not in self._removed]
        for number, meeting in enumerate(fresh):
            if len(self._attended) >= MOST_AT_ONCE:
                detail = f"the bot is in {MOST_AT_ONCE} meetings already"
                self._note(meeting, Trouble.REFUSED, now, detail)
                continue
            bridge = self.bridge_of(meeting)
            attended = Attending(
                meeting, self.connect, bridge, self._meetings, self._name, self._clock, self._log
            )
            self._attended[meeting] = attended
            attended.begin(number * _APART, self._has_ended)

    async def _leave(self, meetings: Iterable[MeetingUrl]) -> None:
        leaving = [each for each in map(self._attended.get, meetings) if each and each.goes_on]
        if leaving:
            async with self._database.no_writing():
                for each in leaving:
                    each.end()
                # They notice it before anybody writes again.
                await asyncio.sleep(0)

    def _has_ended(self, attended: Attending) -> None:
        """Called by its task at the end."""
        if self._attended.get(attended.meeting) is attended:
            del self._attended[attended.meeting]
        if attended.was_removed:
            # As it was noted, which is kept as well: hosts are told once, also after a restart.
            since = self._meetings.state(attended.meeting).since
            self._removed[attended.meeting] = since or self._clock.now()
        self.wake.nudge()

    def _note_others(self, wanted: _Wanted, now: datetime) -> None:
        """How the meetings are that have no task."""
        for meeting, plan in wanted.plans.items():
            if plan.talk is not None and meeting.host not in self._settings.jitsi.servers:
                self._note(meeting, Trouble.NOT_CONFIGURED, now)
            elif plan.stays_out:
                self._note(meeting, Trouble.KICKED, wanted.removed_at.get(meeting, now))
        for meeting in self._meetings.states:
            plan = wanted.plans.get(meeting, Plan())
            if plan.talk is None and not plan.stays_out and meeting not in self._attended:
                self._meetings.gone(meeting)

    def _note(self, meeting: MeetingUrl, trouble: Trouble, at: datetime, detail: str = "") -> None:
        self._meetings.note(
            meeting, at, is_in=False, trouble=trouble.value, detail=detail, people=()
        )


def _start(plan: Plan) -> datetime:
    assert plan.talk is not None
    return plan.talk.start
