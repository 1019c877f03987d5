"""What makes transcripts, put together."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.matrix.api import Api
from fosdembot.matrix.identity import Identity
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.relays import RelayReader
from fosdembot.settings import Settings

from .chat import People
from .chat_lines import Relays
from .enriching_links import Enriching
from .left_out import LeftOut
from .maker import Maker, Told
from .making import Making
from .recording_news import RecordingNews
from .uploads import Uploads
from .wanted import WantedTalks


def maker(
    identity: Identity,
    api: Api,
    names: Callable[[], tuple[str, ...]],
    programme: Programme,
    outbox: Outbox,
    database: Database,
    settings: Settings,
    changes: Changes,
    clock: Clock,
    log: logging.Logger,
) -> Maker:
    """`names` are those of the bot."""
    relays = Relays(RelayReader(settings), settings.command_prefix, names)
    who = People(identity.user_id, relays)
    enrich = Enriching(settings, log, clock).enriched
    making = Making(api, database, programme, settings, who, clock, enrich, log)
    wanted = WantedTalks(programme, settings, changes, clock)
    news = RecordingNews(programme, outbox, settings, clock)
    uploads = Uploads(api, programme, outbox, settings, clock)
    told, left_out = Told(news, uploads), LeftOut(database, settings)
    return Maker(making, wanted, told, left_out, database, changes, clock, log)
