"""Makes the bridge of each meeting."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass

from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.talks import TalkActions
from fosdembot.clock import Clock
from fosdembot.conference.meeting_lines import Lines
from fosdembot.db.engine import Database
from fosdembot.meeting_url import MeetingUrl
from fosdembot.settings import Settings

from .bridge import Bridge
from .meeting_talks import MeetingTalks
from .obeying import Obeying
from .telling import Telling
from .wishes import Wishes


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Bridges:
    talks_of: MeetingTalks
    deciding: Deciding
    talks: TalkActions
    answers: AnswerActions
    database: Database
    settings: Settings
    clock: Clock
    log: logging.Logger

    def __call__(self, meeting: MeetingUrl) -> Bridge:
        lines = Lines(str(meeting), _new_id(), _new_id, self.clock.to_wall)
        programme, views = self.talks_of.programme, self.talks_of.views
        telling = Telling(meeting, self.talks_of, programme, views, lines, self.settings)
        prefix = self.settings.command_prefix
        wishes = Wishes(telling, self.deciding, self.talks, self.answers, prefix)
        obeying = Obeying(telling, wishes, self.settings)
        meetings = self.talks_of.meetings
        return Bridge(telling, obeying, meetings, self.database, self.clock, self.log)
