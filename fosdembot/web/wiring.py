"""Ties the pages together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fosdembot.actions.hall import HallActions
from fosdembot.clock import Clock
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import PageLinks
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
from .refusals import Refusals
from .rendering import Rendering
from .room_page import RoomPage
from .routing import Routes
from .screens import Draw
from .stream_places import StreamPlaces, most_open
from .streams import Streams
from .talk_doing import TalkDoing
from .talk_page import TalkPage
from .talk_screens import MODERATOR, SPEAKER, TalkScreens
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
    talk_tools: TalkTools
    hall: HallActions


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
        visitors = acting.visitors
        talks = TalkScreens(parts.programme, parts.views, rendering)
        draws |= {SPEAKER: talks.draw, MODERATOR: talks.draw}
        page = TalkPage(parts.database, parts.programme, visitors, live, streams, rendering)
        app.add(page.routes())
        app.add(TalkDoing(acting, parts.talk_tools, parts.programme, parts.addresses).routes())
    return Pages(app, live)


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
