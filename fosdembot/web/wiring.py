"""Ties the pages together."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from fosdembot.actions.asking import Asking
from fosdembot.actions.hall import HallActions
from fosdembot.actions.voting import Voting
from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.conference.hall_codes import HallCodes
from fosdembot.conference.meetings import Meetings
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import PageLinks
from fosdembot.conference.page_logins import PageLogins
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database
from fosdembot.matrix.api import Api
from fosdembot.matrix.openid import OpenId
from fosdembot.settings import Settings

from .acting import Acting
from .app import App
from .blind import LOOK_EVERY, Blind, Homeserver
from .cookies import Cookies
from .hall import HallPage
from .health import Health
from .live import Live
from .login import LoginPage
from .overlay import OVERLAY, Overlay
from .refusals import Refusals
from .rendering import Rendering
from .room_drawing import RoomDrawing
from .room_page import RoomPage
from .room_reading import RoomReading
from .rooms_index import INDEX, RoomsIndex
from .routing import Routes
from .screens import Draw
from .stage_page import STAGE, StageDrawing, StagePage
from .stream_places import StreamPlaces, most_open
from .streams import Streams
from .taking_part import TakingPart
from .talk_aloud import AloudScreens
from .talk_deeds import QuestionDeeds
from .talk_doing import TalkDoing
from .talk_forms import TalkForms
from .talk_heads import TalkHeads
from .talk_offers import View
from .talk_page import TalkAccess, TalkPage
from .talk_room_deeds import RoomDeeds
from .talk_screens import TalkScreens
from .talk_tools import TalkTools
from .visitors import Visitors
from .widget_login import WidgetLogin


@dataclass(frozen=True, slots=True)
class Parts:
    """What the pages are made of."""

    addresses: PageAddresses
    programme: Programme
    views: RoomViews
    database: Database
    settings: Settings
    clock: Clock
    log: logging.Logger
    homeserver: Homeserver
    asking: Asking
    voting: Voting
    meetings: Meetings
    talk_tools: TalkTools
    hall: HallActions
    codes: HallCodes
    bot: str
    """Its Matrix id."""
    api: Api
    openid: OpenId
    changes: Changes


@dataclass(frozen=True, slots=True)
class Pages:
    """`app` answers requests; `live` takes steps, and hears of changes."""

    app: App
    live: Live
    blind: Blind

    async def look(self) -> float:
        """A step: let pages say since when the homeserver is away. Returns the seconds until the
        next."""
        if self.blind.look():
            self.live.talks_changed()
        return LOOK_EVERY

    async def close(self) -> None:
        """Open pages come back later, and nothing is begun any more."""
        await self.live.close()
        self.app.close()


def pages(parts: Parts) -> Pages:
    draws: dict[str, Draw] = {}
    clock, log = parts.clock, parts.log
    blind = Blind(parts.homeserver, parts.programme, clock)
    live = Live(parts.database, parts.programme, draws, clock, log, blind.parts)
    rendering = Rendering(parts.addresses, lambda: blind.sentence)
    app = App(rendering, log, Routes(), parts.addresses.are_on)
    app.add(Health(parts.homeserver.troubles).routes())
    if parts.addresses.are_on:
        streams = Streams(
            live, parts.clock, StreamPlaces(parts.settings.pages.proxies, most_open())
        )
        app.add(rendering.routes())
        acting = _acting(parts)
        room = _room(parts, streams, acting.visitors, rendering)
        stage = _stage(parts, live, streams, rendering)
        draws |= {**room.draws(), STAGE: stage.drawing.draw}
        room.other_views.update({STAGE: stage.show, f"{STAGE}/events": stage.events})
        app.add(room.routes())
        app.add(_taking_part(parts, acting).routes())
        index = RoomsIndex(parts.programme, rendering, parts.addresses, parts.settings, streams)
        draws[INDEX] = index.draw
        app.add(index.routes())
        draws |= _talk_draws(parts, rendering)
        app.add(_talk_page(parts, acting.visitors, live, streams, rendering).routes())
        app.add(_talk_doing(parts, acting).routes())
        overlay = _overlay(parts, acting.visitors, streams, rendering)
        draws[OVERLAY] = overlay.draw
        app.add(overlay.routes())
        app.add(_hall(parts, acting, rendering).routes())
        app.add(_login(parts, acting.visitors, rendering).routes())
        widget = WidgetLogin(
            parts.database, acting.visitors, parts.addresses, parts.api, parts.openid
        )
        app.add(widget.routes())
    return Pages(app, live, blind)


def _room(parts: Parts, streams: Streams, visitors: Visitors, rendering: Rendering) -> RoomPage:
    return RoomPage(
        RoomReading(parts.views, parts.programme, parts.settings),
        RoomDrawing(rendering, parts.addresses),
        streams,
        visitors,
        parts.talk_tools.access,
        parts.database,
    )


def _taking_part(parts: Parts, acting: Acting) -> TakingPart:
    deciding, settings = parts.talk_tools.deciding, parts.settings
    return TakingPart(
        acting,
        parts.asking,
        parts.voting,
        deciding,
        parts.addresses,
        settings,
        parts.hall,
    )


def _talk_draws(parts: Parts, rendering: Rendering) -> dict[str, Draw]:
    """By view, of the pages of those who run a talk."""
    heads = TalkHeads(parts.programme, parts.views, rendering)
    talks = TalkScreens(heads, parts.meetings, rendering, parts.settings)
    large = AloudScreens(heads, parts.addresses, rendering)
    draws: dict[str, Draw] = dict.fromkeys(View, talks.draw)
    return draws | {View.ALOUD: large.draw_aloud, View.CARD: large.draw_card}


def _talk_page(
    parts: Parts, visitors: Visitors, live: Live, streams: Streams, rendering: Rendering
) -> TalkPage:
    access, settings = parts.talk_tools.access, parts.settings
    return TalkPage(
        parts.database,
        TalkAccess(visitors, access, parts.addresses),
        TalkForms(access, parts.programme, settings),
        live,
        streams,
        rendering,
        settings,
        parts.clock,
    )


def _talk_doing(parts: Parts, acting: Acting) -> TalkDoing:
    tools, programme = parts.talk_tools, parts.programme
    deeds = QuestionDeeds(tools, programme)
    return TalkDoing(acting, deeds, RoomDeeds(tools, programme), parts.addresses)


def _stage(parts: Parts, live: Live, streams: Streams, rendering: Rendering) -> StagePage:
    views, addresses, settings = parts.views, parts.addresses, parts.settings
    drawing = StageDrawing(views, parts.hall, parts.codes, rendering, addresses, settings)
    return StagePage(drawing, live, streams)


def _overlay(parts: Parts, visitors: Visitors, streams: Streams, rendering: Rendering) -> Overlay:
    settings = parts.settings
    return Overlay(parts.views, parts.database, visitors, streams, rendering, settings)


def _hall(parts: Parts, acting: Acting, rendering: Rendering) -> HallPage:
    sessions = acting.visitors.sessions
    return HallPage(acting, sessions, parts.hall, parts.codes, parts.views, rendering)


def _login(parts: Parts, visitors: Visitors, rendering: Rendering) -> LoginPage:
    logins = PageLogins(parts.clock)
    return LoginPage(
        parts.database,
        visitors,
        logins,
        parts.addresses,
        rendering,
        parts.bot,
        parts.changes,
    )


def _acting(parts: Parts) -> Acting:
    """Does what people want on pages, and knows who they are."""
    settings, clock = parts.settings, parts.clock
    visitors = Visitors(
        PageLinks(parts.programme, settings),
        PageSessions(settings, clock),
        Cookies(settings.pages.public_url),
        settings,
        clock,
    )
    refusals = Refusals(settings.questions.longest)
    return Acting(parts.database, visitors, parts.addresses, refusals, clock)
