"""`!jitsi test …`: whether the bot can get into a meeting. Servers take their time, and no
transaction waits for them: the answer follows when it is there."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field

from fosdembot.chat.command import Command
from fosdembot.clock import Clock
from fosdembot.conference.meeting_words import trouble_words
from fosdembot.conference.meetings import NOT_STARTED, Probe, Probed
from fosdembot.db.engine import Database
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.request_pool import RequestPool
from fosdembot.matrix.wake import Wake
from fosdembot.meeting_url import MeetingUrl
from fosdembot.texts import jitsi as texts
from fosdembot.texts.render import Text, say

AT_ONCE = 4
MOST = 20
"""That wait; nobody needs more, and each is a connection to somebody's server."""
LOOK_AGAIN = 60.0


@dataclass(frozen=True, slots=True)
class _Asked:
    room: str
    event_id: str
    thread: str | None
    meeting: MeetingUrl


@dataclass(slots=True)
class MeetingTests:
    """What waits is kept in memory only: if the bot is restarted, who asked asks again."""

    probe: Probe
    outbox: Outbox
    database: Database
    prefix: str
    clock: Clock
    log: logging.Logger
    wake: Wake = field(default_factory=Wake)
    _waiting: deque[_Asked] = field(default_factory=deque)
    _requests: RequestPool = field(init=False)

    def __post_init__(self) -> None:
        self._requests = RequestPool(AT_ONCE, LOOK_AGAIN, self.wake.nudge, self.clock, self.log)

    def ask(self, command: Command, meeting: MeetingUrl) -> bool:
        """Try a meeting after the commit; False where too many are tried already."""
        if len(self._waiting) >= MOST:
            return False
        asked = _Asked(command.room, command.event_id, command.thread, meeting)

        def begin() -> None:
            self._waiting.append(asked)
            self.wake.set()

        command.session.after_commit(begin)
        return True

    async def step(self) -> float:
        """Begin what may begin. Returns the seconds until the next look."""
        self._requests.check()
        while self._waiting:
            asked = self._waiting[0]
            # Half the places of one server: two, so that a slow one holds up nobody else's test.
            if not self._requests.may_start(asked.event_id, asked.meeting.host):
                break
            self._waiting.popleft()
            self._requests.start(asked.event_id, asked.meeting.host, self._try(asked))
        return LOOK_AGAIN

    async def close(self) -> None:
        """End what is under way."""
        await self._requests.cancel()

    async def _try(self, asked: _Asked) -> None:
        try:
            probed = await self.probe(asked.meeting)
        except Exception as err:
            self.log.exception("A meeting could not be tried")
            probed = Probed("unreadable", type(err).__name__)
        content = notice(self._words(probed), reply_to=asked.event_id, thread=asked.thread)
        key = f"jitsi/test/{asked.event_id}"
        async with self.database.write() as session:
            await self.outbox.message(session, key, asked.room, content, Urgency.ANSWER)

    def _words(self, probed: Probed) -> Text:
        if not probed.trouble:
            return say(texts.TEST_WELL)
        if probed.trouble == NOT_STARTED:
            return say(texts.TEST_NOT_STARTED)
        trouble, detail = probed.trouble, probed.detail
        why = trouble_words(trouble, detail, "ROOM", self.prefix, goes_on=False)
        return say(texts.TEST_NOT, why=why)
