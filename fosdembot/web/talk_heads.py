"""What all pages of a talk show of it: title, times, the big clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.questions.views import QuestionView
from fosdembot.talks.naming import place_named, title_of
from fosdembot.talks.room_talks import StageTalks
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import page_talk as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import clock_time, duration, end_time, names

from .rendering import Rendering
from .screens import Countdown, Item, Screen, Topic
from .talk_clock import Moment, Next, next_moment

_MINUTE = timedelta(minutes=1)
_COUNTED = {
    Next.START: texts.STARTS,
    Next.QA: texts.QA_BEGINS,
    Next.END: texts.ENDS,
    Next.OVERTIME: texts.OVERTIME,
}
_NOT_COUNTED = {
    Next.OVER: texts.IS_OVER,
    Next.CANCELLED: texts.IS_CANCELLED,
    Next.AWAY: texts.IS_AWAY,
}
_SAID = {Next.START: texts.SAY_START, Next.QA: texts.SAY_QA, Next.END: texts.SAY_END}


@dataclass(frozen=True, slots=True)
class Shown:
    """The talk that a page shows, at one moment, in the time of the stage."""

    slot: StageSlot
    talks: StageTalks
    address: str
    moment: Moment

    @property
    def guid(self) -> str:
        return self.slot.talk.guid

    @property
    def minutes_late(self) -> int:
        """Below 0 where it is earlier than planned."""
        return round((self.slot.start - self.slot.talk.start) / _MINUTE)

    def clock_time(self, moment: datetime) -> str:
        return clock_time(moment, self.talks.zone, self.talks.at)


@dataclass(frozen=True, slots=True)
class TalkHeads:
    programme: Programme
    views: RoomViews
    rendering: Rendering

    async def shown(self, session: AsyncSession, topic: Topic, now: datetime) -> Shown | Screen:
        """The talk; where there is none, or one is to be chosen, what is shown instead."""
        # It may take place elsewhere by now.
        moved = self.programme.address_by_guid(topic.talk) if topic.talk is not None else None
        address = moved or topic.address
        talks = await self.views.stage(session, address, now)
        if topic.talk is not None:
            slots = tuple(slot for slot in talks.slots if slot.talk.guid == topic.talk)
        else:
            slots = talks.current
        if len(slots) != 1:
            return self._choice(talks, slots)
        [slot] = slots
        return Shown(slot, talks, address, next_moment(slot, talks.slots, now))

    def _choice(self, talks: StageTalks, slots: tuple[StageSlot, ...]) -> Screen:
        choices = [(slot.talk.guid, title_of(slot.talk), place_named(slot.talk)) for slot in slots]
        head = self.rendering.page("talk_choice.html", choices=choices, words=texts)
        empty = dict.fromkeys(
            ("talk-clock", "talk-now", "talk-bar", "talk-notes", "talk-room", "talk-aloud"), ""
        )
        return Screen(parts={**empty, "talk-head": head}, redraw_at=_next_change(None, talks))

    def parts(self, shown: Shown) -> Mapping[str, str]:
        page, moment = self.rendering.page, shown.moment
        return {
            "talk-head": page("talk_head.html", **_head(shown)),
            "talk-clock": page("talk_clock.html", label=_label(shown), what=moment.what.value),
        }

    def screen(
        self,
        shown: Shown,
        parts: Mapping[str, str],
        items: tuple[Item, ...],
        answering: QuestionView | None,
    ) -> Screen:
        moment = shown.moment
        counted = None
        if moment.at is not None:
            counted = Countdown(moment.at, _label(shown), moment.warns_at)
        return Screen(
            parts=parts,
            items=items,
            countdown=counted,
            redraw_at=_next_change(moment, shown.talks),
            announced=_announced(answering, shown),
        )


def _head(shown: Shown) -> dict[str, object]:
    slot, talk = shown.slot, shown.slot.talk
    times = say(
        texts.TIMES if slot.qa_start is None else texts.TIMES_QA,
        start=shown.clock_time(slot.start),
        end=end_time(slot.start, slot.end, shown.talks.zone),
        qa="" if slot.qa_start is None else shown.clock_time(slot.qa_start),
    )
    return {
        "title": title_of(talk),
        "speakers": names(talk.persons),
        "place": place_named(talk),
        "times": times,
        "late": _late(shown.minutes_late),
    }


def _late(minutes: int) -> Text | None:
    if not minutes:
        return None
    template = texts.LATER if minutes > 0 else texts.EARLIER
    return say(template, minutes=duration(abs(minutes) * _MINUTE))


def _label(shown: Shown) -> str:
    moment, at = shown.moment, shown.talks.at
    if moment.what is Next.END and moment.warns_at is not None and at >= moment.warns_at:
        return texts.ENDS_SOON
    return _COUNTED.get(moment.what) or _NOT_COUNTED[moment.what]


def _next_change(moment: Moment | None, talks: StageTalks) -> datetime | None:
    """The next moment at which something looks another way by itself."""
    moments = [each for slot in talks.slots for each in (slot.start, slot.qa_start, slot.end)]
    if moment is not None:
        moments += [moment.changes_at, moment.warns_at]
    return min((each for each in moments if each is not None and each > talks.at), default=None)


def _announced(answering: QuestionView | None, shown: Shown) -> str:
    said, moment = [], shown.moment
    if answering is not None:
        number = str(answering.number)
        said.append(say(texts.SAY_ANSWERING, number=number, text=answering.text).plain)
    if moment.at is not None and moment.what in _SAID:
        said.append(say(_SAID[moment.what], time=shown.clock_time(moment.at)).plain)
    elif moment.what is Next.OVERTIME:
        said.append(texts.SAY_OVERTIME)
    return " ".join(said)
