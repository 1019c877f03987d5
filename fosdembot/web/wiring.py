"""Ties the pages together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fosdembot.actions.hall import HallActions
from fosdembot.clock import Clock
from fosdembot.conference.meetings import Meetings
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import PageLinks
from fosdembot.conference.page_logins import PageLogins
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database
from fosdembot.settings import Settings

from .acting import Acting
from .app import App
from .cookies import Cookies
from .health import Health
from .live import Live
from .login import LoginPage
from .refusals import Refusals
from .rendering import Rendering
from .room_page import RoomPage
from .routing import Routes
from .screens import Draw
from .stream_places import StreamPlaces, most_open
from .streams import Streams
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
    troubles: Callable[[], Sequence[str]]
    """See `Health`."""
    meetings: Meetings
    talk_tools: TalkTools
    hall: HallActions
    bot: str
    """Its Matrix id."""


@dataclass(frozen=True, slots=True)
class Pages:
    """`app` answers requests; `live` takes steps, and hears of changes."""

    app: App
    live: Live


def pages(parts: Parts) -> Pages:
    draws: dict[str, Draw] = {}
    live = Live(parts.database, parts.programme, draws, parts.clock, parts.log)
    rendering = Rendering(parts.addresses)
    app = App(rendering, parts.log, Routes())
    app.add(Health(parts.troubles).routes())
    if parts.addresses.are_on:
        streams = Streams(
            live, parts.clock, StreamPlaces(parts.settings.pages.proxies, most_open())
        )
        room = RoomPage(parts.views, live, streams, rendering, parts.addresses, parts.settings)
        draws["room"] = room.draw
        app.add(rendering.routes())
        app.add(room.routes())
        acting = _acting(parts)
        draws |= _talk_draws(parts, rendering)
        app.add(_talk_page(parts, acting.visitors, live, streams, rendering).routes())
        app.add(_talk_doing(parts, acting).routes())
        app.add(_login(parts, acting.visitors, rendering).routes())
    return Pages(app, live)


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


def _login(parts: Parts, visitors: Visitors, rendering: Rendering) -> LoginPage:
    logins = PageLogins(parts.clock)
    return LoginPage(parts.database, visitors, logins, parts.addresses, rendering, parts.bot)


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
