"""What the bot is made of: its faces, and what stands below them (`bot_core.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.asking import Asking
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.hall import HallActions
from fosdembot.actions.pauses import PauseActions
from fosdembot.actions.rooms import RoomActions
from fosdembot.actions.talks import TalkActions
from fosdembot.actions.undoing import Undoing
from fosdembot.actions.voting import Voting
from fosdembot.bot_core import BotCore
from fosdembot.chat.places import Places
from fosdembot.chat.reading.events import EventReader
from fosdembot.chat.reading.message import MessageReader
from fosdembot.chat.router import Router
from fosdembot.chat.runner import CommandRunner
from fosdembot.chat.wiring import Added, CommandParts, add_commands
from fosdembot.chat.wiring_questions import Parts, add_questions
from fosdembot.conference.people import People
from fosdembot.conference.troubles import Sources
from fosdembot.db import retention
from fosdembot.jitsi.attendance import Attendance
from fosdembot.jitsi.connecting import Jitsi
from fosdembot.jitsi.meeting_talks import MeetingTalks
from fosdembot.jitsi.probe import probe
from fosdembot.jitsi.wiring import Bridges
from fosdembot.matrix.account_mark import AccountMark, Mark
from fosdembot.matrix.federation import Federation
from fosdembot.matrix.inbox import Inbox
from fosdembot.matrix.openid import OpenId
from fosdembot.talks.naming import title_of
from fosdembot.transcripts import wiring as transcripts
from fosdembot.web.blind import Homeserver
from fosdembot.web.talk_tools import TalkTools
from fosdembot.web.wiring import Parts as PageParts
from fosdembot.web.wiring import pages


@dataclass(eq=False, repr=False)
class BotParts(BotCore):
    """All parts for one conference; nothing runs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._make_what_comes_in()
        self._make_meetings()
        self._make_transcripts()
        self._make_pages()
        self._mark = self._account_mark(self._identity.mark)
        self._retention = retention.Retention(
            self._database, self._clock, self.programme.names_before
        )

    def _sources(self) -> Sources:
        return Sources(
            inbox=lambda: self.inbox.trouble,
            sender=lambda: self.sender.trouble,
            schedule=lambda: self.schedule_poller.trouble,
            transcripts=lambda: self.transcripts.trouble,
            unmade=self._unmade,
            unread=lambda: self.inbox.lagging.troubles,
            unsent=lambda: self.sender.room_troubles,
        )

    def _unmade(self) -> Sequence[tuple[str, str]]:
        talks = self.programme.talks
        return [
            (title_of(talks[guid]) if guid in talks else guid, why)
            for guid, why in self.transcripts.unmade.items()
        ]

    def _make_what_comes_in(self) -> None:
        """And what it means."""
        self.router = self._router()
        self.inbox = Inbox(
            self._api,
            self._database,
            self._clock,
            self._user_id,
            self.router,
            self.changes,
            self._log_of("inbox"),
        )

    def _make_meetings(self) -> None:
        """Those of speakers."""
        settings, clock, log = self._settings, self._clock, self._log_of("meetings")
        hears = self._notifications.hearing.hear
        people = People(settings, self.programme, self.hosts)
        access = Access(people)
        deciding = Deciding(self.desk, access, self._views)
        talks_of = MeetingTalks(self.meetings, self.programme, self._views)
        bridges = Bridges(
            talks_of,
            deciding,
            TalkActions(self.programme, access, hears),
            AnswerActions(deciding, access, people, self.changes, hears),
            self._database,
            settings,
            clock,
            log,
        )
        self.jitsi = Jitsi(settings.jitsi, clock, log)
        self.attendance = Attendance(
            self.jitsi,
            bridges,
            talks_of,
            self._database,
            settings,
            self._name_in_meetings,
            clock,
            log,
        )

    def _make_transcripts(self) -> None:
        database, settings, clock = self._database, self._settings, self._clock
        self.transcripts = transcripts.maker(
            self._identity,
            self._api,
            self._profile.names,
            self.programme,
            self._outbox,
            database,
            settings,
            self.changes,
            clock,
            self._log_of("transcripts"),
        )

    def _make_pages(self) -> None:
        self.pages = pages(
            PageParts(
                addresses=self.page_addresses,
                programme=self.programme,
                views=self._views,
                database=self._database,
                settings=self._settings,
                clock=self._clock,
                log=self._log_of("pages"),
                homeserver=self._homeserver(),
                meetings=self.meetings,
                bot=self._user_id,
                asking=Asking(self.desk, self._access(), self.programme, self._views),
                voting=Voting(self.desk, self._settings.questions),
                api=self._api,
                openid=OpenId(self._api, self._user_id.partition(":")[2], Federation(self._clock)),
                talk_tools=self._talk_tools(),
                hall=self._hall(),
                codes=self.hall_codes,
                changes=self.changes,
            )
        )

    def _access(self) -> Access:
        return Access(People(self._settings, self.programme, self.hosts))

    def _talk_tools(self) -> TalkTools:
        settings, views, hears = self._settings, self._views, self._notifications.hearing.hear
        people = People(settings, self.programme, self.hosts)
        access = Access(people)
        deciding = Deciding(self.desk, access, views)
        talks = TalkActions(self.programme, access, hears)
        return TalkTools(
            access=access,
            deciding=deciding,
            undoing=Undoing(self.desk, access, talks),
            answers=AnswerActions(deciding, access, people, self.changes, hears),
            rooms=RoomActions(self.desk, access, views, settings, hears),
            talks=talks,
        )

    def _hall(self) -> HallActions:
        settings, views, hears = self._settings, self._views, self._notifications.hearing.hear
        access = Access(People(settings, self.programme, self.hosts))
        asking = Asking(self.desk, access, self.programme, views)
        rooms = RoomActions(self.desk, access, views, settings, hears)
        return HallActions(rooms, asking, self.programme, self.changes)

    def _homeserver(self) -> Homeserver:
        return Homeserver(
            is_caught_up=self.inbox.caught_up.is_set,
            receiving=lambda: self.inbox.trouble,
            sending=lambda: self.sender.trouble,
        )

    def _name_in_meetings(self) -> str:
        return self._settings.jitsi.name or self._profile.name()

    def _account_mark(self, mark: Mark | None) -> AccountMark | None:
        if mark is None:
            return None
        others, log = self.own_news.other_bots, self._log_of("account")
        return AccountMark(
            self._api, self._user_id, mark, self._is_shared, others, self._clock, log
        )

    def _router(self) -> Router:
        settings = self._settings
        people = People(settings, self.programme, self.hosts)
        access = Access(people)
        hears = self._notifications.hearing.hear
        talks = TalkActions(self.programme, access, hears)
        places = Places(self._control_room, self.hosts)
        messages = MessageReader(settings, self._profile.names)
        runner = CommandRunner(self._outbox, places, access, self._clock, settings, messages)
        router = Router(
            EventReader(messages, self._clock),
            runner,
            self._outbox,
            places,
            settings,
            self.changes,
            self._is_shared,
        )
        commands = self._command_parts(runner, access, talks, people)
        added = add_commands(commands)
        self.meeting_tests = added.meeting_tests
        self._proposals = add_questions(self._question_parts(router, places, commands, added))
        return router

    def _command_parts(
        self, runner: CommandRunner, access: Access, talks: TalkActions, people: People
    ) -> CommandParts:
        return CommandParts(
            runner=runner,
            changes=self.changes,
            access=access,
            talks=talks,
            pauses=PauseActions(
                self.programme, access, self.changes, self._notifications.hearing.hear
            ),
            people=people,
            programme=self.programme,
            views=self._views,
            pages=self.page_addresses,
            widgets=self.widgets,
            hosts=self.hosts,
            schedule_poller=self.schedule_poller,
            plans=self._plans,
            boards=self.boards,
            rooms=self.rooms,
            health=self._health,
            room_words=self._room_words,
            control_room=self._control_room,
            outbox=self._outbox,
            settings=self._settings,
            user_id=self._user_id,
            bot_name=self._profile.name,
            troubles=self._troubles.lines,
            meetings=self.meetings,
            probe=lambda meeting: probe(self.jitsi, meeting, self._name_in_meetings()),
            database=self._database,
            clock=self._clock,
            log=self._log_of("meetings"),
            held=lambda: self.sender.held,
        )

    def _question_parts(
        self, router: Router, places: Places, commands: CommandParts, added: Added
    ) -> Parts:
        return Parts(
            router=router,
            runner=commands.runner,
            added=added,
            places=places,
            access=commands.access,
            talks=commands.talks,
            hearing=self._notifications.hearing,
            changes=self.changes,
            people=commands.people,
            hosts=self.hosts,
            cards=self._notifications.cards,
            reasons=self._notifications.reasons,
            speaker_news=self._notifications.speaker_news,
            answer_news=self._notifications.answer_news,
            programme=self.programme,
            views=self._views,
            pages=self.page_addresses,
            desk=self.desk,
            outbox=self._outbox,
            control_room=self._control_room,
            api=self._api,
            database=self._database,
            settings=self._settings,
            clock=self._clock,
            user_id=self._user_id,
            log=self._log,
        )
