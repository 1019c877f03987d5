"""What all pages of a talk show of it: title, times, the big clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.questions.views import QuestionView
from fosdembot.talks.naming import place_named, title_of
from fosdembot.talks.page_words import talk_word
from fosdembot.talks.phases import next_up
from fosdembot.talks.room_talks import StageTalks
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import page_talk as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import clock_time, duration, end_time, names

from .rendering import Rendering
from .screens import Countdown, Item, Screen, Topic
from .talk_clock import Moment, Next, next_moment
from .talk_offers import View

_MINUTE = timedelta(minutes=1)
_PREPARED = timedelta(hours=1)
"""So long before a talk its herald prepares it."""
_INTRODUCED = timedelta(minutes=5)
"""So long after a talk has begun, who introduces it may still be looking at its card."""
_BY_PERSON = (View.HOST, View.ALOUD, View.CARD)
"""Views with links to the other talks of the day. A secret link leads to its talk alone: its pages
have no place for them."""
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

    topic: Topic
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
            slots = to_prepare(talks) if topic.view == View.CARD else talks.current
        if len(slots) != 1:
            return self._choice(topic, talks, slots)
        [slot] = slots
        return Shown(topic, slot, talks, address, next_moment(slot, talks.slots, now))

    def _choice(self, topic: Topic, talks: StageTalks, slots: tuple[StageSlot, ...]) -> Screen:
        # A secret link would be lost on the way to another talk.
        listed = slots or (talks.of_day if topic.talk is None else ())
        head = self.rendering.page(
            "talk_choice.html", several=bool(slots), talks=_links(topic, talks, listed), words=texts
        )
        empty = dict.fromkeys(
            (
                "talk-clock",
                "talk-now",
                "talk-bar",
                "talk-notes",
                "talk-room",
                "talk-aloud",
                "talk-day",
            ),
            "",
        )
        return Screen(parts={**empty, "talk-head": head}, redraw_at=_next_change(None, talks))

    def parts(self, shown: Shown) -> Mapping[str, str]:
        page, moment, topic = self.rendering.page, shown.moment, shown.topic
        day = _links(topic, shown.talks, shown.talks.of_day, shown.guid)
        return {
            "talk-day": page(
                "talk_day.html",
                words=texts,
                talks=day if topic.view in _BY_PERSON else (),
                now=_address(topic, "") if topic.talk is not None else "",
            ),
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


def to_prepare(talks: StageTalks) -> tuple[StageSlot, ...]:
    """The talks that a herald prepares: of each place the next one, if it begins soon or has just
    begun; where there is none, what other pages show. Pure."""
    slots = [slot for slot in talks.slots if not slot.is_break]
    coming = next_up(slots, talks.at - _INTRODUCED)
    return tuple(slot for slot in coming if slot.start - talks.at <= _PREPARED) or talks.current


def _links(
    topic: Topic, talks: StageTalks, slots: Iterable[StageSlot], current: str = ""
) -> list[dict[str, Any]]:
    """To talks of the room, in the same view. `current`: the one that is shown (its guid)."""
    return [
        {
            "url": _address(topic, slot.talk.guid),
            "time": clock_time(slot.start, talks.zone, talks.at),
            "title": title_of(slot.talk),
            "place": place_named(slot.talk),
            "is_current": slot.talk.guid == current,
        }
        for slot in slots
    ]


def _address(topic: Topic, talk: str) -> str:
    """From the page where one is, by its query alone."""
    query = {
        "talk": talk_word(talk) if talk else "",
        "view": "" if topic.view == View.HOST else topic.view,
    }
    return "?" + urlencode({name: value for name, value in query.items() if value})


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
    moments = [talks.next_change]
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
