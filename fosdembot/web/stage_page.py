"""The stage's page, for a beamer: what is being answered, what comes next, and how to take part.
Nothing on it needs a hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.hall import HallActions
from fosdembot.conference.hall_codes import HallCodes
from fosdembot.conference.opt_outs import all_opted_out
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.room_view import RoomViews
from fosdembot.questions.guests import Guests
from fosdembot.questions.views import Wanted
from fosdembot.settings import Settings
from fosdembot.talks.naming import place_named, title_of
from fosdembot.talks.room_talks import StageTalks
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import page_hall as texts
from fosdembot.texts import page_talk as talk_texts
from fosdembot.texts.render import say
from fosdembot.texts.words import clock_time, names

from .headers import page_headers
from .live import Live
from .rendering import Rendering
from .routing import Asked
from .screens import Countdown, Screen, Topic
from .stage_screen import OnStage, on_stage
from .streams import Streams
from .talk_clock import Moment, Next, next_moment

STAGE = "stage"
WANTED = Wanted(waiting=10)
"""One is being answered, some are starred, and some have the most votes."""
_COUNTED = {
    Next.START: talk_texts.STARTS,
    Next.QA: talk_texts.QA_BEGINS,
    Next.END: talk_texts.ENDS,
    Next.OVERTIME: talk_texts.OVERTIME,
}
_WAYS = {
    Guests.OFF: texts.SCAN,
    Guests.ASK: texts.SCAN_GUEST,
    Guests.ASK_AND_VOTE: texts.SCAN_GUEST_VOTE,
}
_WAYS_CLOSED = {
    Guests.OFF: texts.SCAN_CLOSED,
    Guests.ASK: texts.SCAN_READ,
    Guests.ASK_AND_VOTE: texts.SCAN_GUEST_CLOSED,
}


@dataclass(frozen=True, slots=True)
class StageDrawing:
    views: RoomViews
    hall: HallActions
    codes: HallCodes
    rendering: Rendering
    addresses: PageAddresses
    settings: Settings

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        address = topic.address
        talks, room = (
            await self.views.stage(session, address, now),
            await room_at(session, address),
        )
        wanted = replace(WANTED, nameless=await all_opted_out(session))
        view = await self.views.room(session, talks, room, wanted)
        shows_top = view.moderated or self.settings.pages.stage_top
        still = await self.views.still_answering(session, talks, wanted.nameless)
        questions = [each.questions for each in view.current.entries]
        shown = on_stage(questions, shows_top=shows_top, still=still)
        slot = next((each.slot for each in view.current.entries), None)
        moment = next_moment(slot, talks.slots, now) if slot is not None else None
        guests = await self.hall.guests(session, room) if room is not None else Guests.OFF
        page, words = self.rendering.page, texts
        head = _head(talks, [each.slot for each in view.current.entries])
        label = _COUNTED.get(moment.what, "") if moment is not None else ""
        if await is_paused(session, address, self.addresses.programme):
            label, moment = texts.PAUSED, None
        parts = {
            "stage-head": page("stage_head.html", head=head),
            "stage-now": page("stage_now.html", now=shown.answering, words=words),
            "stage-list": page("stage_list.html", shown=shown, words=words, on=slot is not None),
            "stage-clock": page("stage_clock.html", label=label),
            "stage-way": self._way(address, guests, shown.is_closed),
        }
        return Screen(
            parts=parts,
            countdown=_countdown(moment),
            redraw_at=self._changes_at(talks, moment, guests),
            announced=_announced(shown),
        )

    def _way(self, address: str, guests: Guests, is_closed: bool) -> str:
        """How to take part: without an account by a code, where guests may."""
        addresses = self.addresses
        path = f"/g/{self.codes.code(address)}" if guests.may_ask else addresses.room_path(address)
        url = addresses.url(path)
        # Not before there is a stage: it keeps a megabyte.
        from .qr import qr_code

        return self.rendering.page(
            "stage_way.html",
            code=qr_code(url),
            said=(_WAYS_CLOSED if is_closed else _WAYS)[guests],
            # A line is broken there at most, so nobody types half a code.
            host=url.partition("://")[2].removesuffix(path),
            last=path,
            alt=say(texts.CODE, address=url),
        )

    def _changes_at(
        self, talks: StageTalks, moment: Moment | None, guests: Guests
    ) -> datetime | None:
        """When anything begins or ends in the room, or another code is shown."""
        moments = [talks.next_change] if talks.next_change is not None else []
        if moment is not None and moment.changes_at is not None:
            moments.append(moment.changes_at)
        if guests.may_ask:
            moments.append(self.codes.changes_at())
        return min(moments, default=None)


@dataclass(frozen=True, slots=True)
class StagePage:
    drawing: StageDrawing
    live: Live
    streams: Streams

    async def show(self, asked: Asked) -> web.StreamResponse:
        topic = self._topic(asked)
        page = self.drawing.rendering.page(
            "stage.html",
            screen=await self.live.draw(topic),
            words=texts,
            events=f"{self._path(topic)}/events?view={STAGE}",
        )
        framed_by = self.drawing.addresses.framed_by
        return web.Response(text=page, content_type="text/html", headers=page_headers(framed_by))

    async def events(self, asked: Asked) -> web.StreamResponse:
        return await self.streams.serve(asked.request, self._topic(asked))

    def _path(self, topic: Topic) -> str:
        addresses = self.drawing.addresses
        return addresses.base + addresses.room_path(topic.address)

    def _topic(self, asked: Asked) -> Topic:
        address = self.drawing.addresses.room_called(asked.parts["room"])
        if address is None:
            raise web.HTTPNotFound
        return Topic(STAGE, address)


@dataclass(frozen=True, slots=True)
class _Head:
    place: str
    titles: tuple[str, ...]
    speakers: str


def _head(talks: StageTalks, current: list[StageSlot]) -> _Head:
    if not current:
        titles = [
            say(
                texts.COMES,
                time=clock_time(slot.start, talks.zone, talks.at),
                title=title_of(slot.talk),
            ).plain
            for slot in talks.next[:1]
        ]
        return _Head("", tuple(titles) or (texts.NOTHING_ON,), "")
    first = current[0].talk
    alone = len(current) == 1
    titles = [title_of(slot.talk) for slot in current[:3]]
    return _Head(place_named(first), tuple(titles), names(first.persons) if alone else "")


def _countdown(moment: Moment | None) -> Countdown | None:
    if moment is None or moment.at is None:
        return None
    return Countdown(moment.at, _COUNTED.get(moment.what, ""), moment.warns_at)


def _announced(shown: OnStage) -> str:
    now = shown.answering
    if now is None:
        return ""
    return say(talk_texts.SAY_ANSWERING, number=str(now.number), text=now.text).plain
