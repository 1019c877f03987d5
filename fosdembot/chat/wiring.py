"""Ties together the commands of attendees, moderators and organisers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.meetings import MeetingActions
from fosdembot.actions.pauses import PauseActions
from fosdembot.actions.talks import TalkActions
from fosdembot.actions.transcripts import TranscriptActions
from fosdembot.actions.widgets import WidgetActions
from fosdembot.changes import Changes
from fosdembot.chat.commands.announce import AnnounceCommands
from fosdembot.chat.commands.announcer import Announcer
from fosdembot.chat.commands.board import BoardCommands
from fosdembot.chat.commands.conf import OrganiserCommands
from fosdembot.chat.commands.conf_hosts import ConfHosts
from fosdembot.chat.commands.conf_pauses import ConfPauses
from fosdembot.chat.commands.conf_rooms import RoomList
from fosdembot.chat.commands.conf_status import Status, Troubles
from fosdembot.chat.commands.help import HelpCommand
from fosdembot.chat.commands.jitsi import JitsiCommand
from fosdembot.chat.commands.jitsi_status import MeetingStatus
from fosdembot.chat.commands.jitsi_test import MeetingTests
from fosdembot.chat.commands.schedule import ScheduleCommands
from fosdembot.chat.commands.talk import ModerationCommands
from fosdembot.chat.commands.transcript import TranscriptCommand
from fosdembot.chat.commands.widget import WidgetCommand
from fosdembot.chat.meant.room import Finder
from fosdembot.chat.meant.scope import Scopes
from fosdembot.chat.meant.talk import TalkChoice
from fosdembot.chat.redactions.board import RedactedBoards
from fosdembot.chat.runner import CommandRunner
from fosdembot.chat.wiring_pages import add_links, add_logins
from fosdembot.clock import Clock
from fosdembot.conference.alarms import RoomWords
from fosdembot.conference.board import Boards
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.meetings import Meetings, Probe
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.people import People
from fosdembot.conference.plans import Plans
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_health import RoomHealth
from fosdembot.conference.room_view import RoomViews
from fosdembot.conference.schedule_poller import SchedulePoller
from fosdembot.conference.widgets import Widgets
from fosdembot.db.engine import Database
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.rooms import Rooms
from fosdembot.settings import Settings


@dataclass(frozen=True)
class CommandParts:
    """What the commands are made of."""

    runner: CommandRunner
    changes: Changes
    access: Access
    talks: TalkActions
    pauses: PauseActions
    people: People
    programme: Programme
    views: RoomViews
    pages: PageAddresses
    widgets: Widgets
    hosts: Hosts
    schedule_poller: SchedulePoller
    plans: Plans
    boards: Boards
    rooms: Rooms
    health: RoomHealth
    room_words: RoomWords
    control_room: ControlRoom
    outbox: Outbox
    settings: Settings
    user_id: str
    bot_name: Callable[[], str]
    troubles: Troubles
    meetings: Meetings
    probe: Probe
    database: Database
    clock: Clock
    log: logging.Logger
    held: Callable[[], Mapping[str, str]]
    """The rooms (their ids) that refuse what the bot says, with why."""


@dataclass(frozen=True, slots=True)
class Added:
    """What the commands about questions need of the others."""

    finder: Finder
    moderation: ModerationCommands
    boards: RedactedBoards
    meeting_actions: MeetingActions
    meeting_tests: MeetingTests


def add_commands(parts: CommandParts) -> Added:
    prefix = parts.settings.command_prefix
    finder = Finder(parts.programme, parts.views, parts.hosts, prefix)
    scopes = Scopes(parts.programme, finder, prefix)
    announcer = Announcer(parts.outbox, parts.user_id, prefix)
    schedule = ScheduleCommands(parts.views, finder, parts.pages, prefix)
    helps = HelpCommand(
        parts.programme,
        finder,
        parts.access,
        parts.people,
        parts.pages,
        parts.settings,
        parts.bot_name,
    )
    choice = TalkChoice(parts.programme, finder, parts.runner.refusals)
    moderation = ModerationCommands(parts.talks, parts.programme, choice, schedule, prefix)
    meeting_actions = MeetingActions(parts.meetings, parts.access, parts.settings)
    tests = MeetingTests(parts.probe, parts.outbox, parts.database, prefix, parts.clock, parts.log)
    board = BoardCommands(finder, parts.access, parts.plans, parts.boards)
    for commands in (
        schedule,
        helps,
        moderation,
        board,
        _organiser_commands(parts, scopes, announcer),
        AnnounceCommands(scopes, announcer, parts.settings),
        WidgetCommand(WidgetActions(parts.widgets, parts.access), finder, prefix),
        TranscriptCommand(TranscriptActions(parts.access, parts.changes), choice, parts.settings),
        JitsiCommand(
            meeting_actions,
            finder,
            MeetingStatus(parts.meetings, parts.programme, parts.settings),
            tests,
            parts.settings,
        ),
    ):
        parts.runner.add(commands.table())
    add_logins(parts.runner, parts.pages, parts.settings, parts.clock, parts.changes)
    add_links(
        moderation,
        choice,
        parts.access,
        parts.pages,
        parts.outbox,
        parts.settings,
        parts.changes,
    )
    boards = RedactedBoards(parts.boards, parts.changes)
    return Added(finder, moderation, boards, meeting_actions, tests)


def _organiser_commands(
    parts: CommandParts, scopes: Scopes, announcer: Announcer
) -> OrganiserCommands:
    prefix = parts.settings.command_prefix
    room_list = RoomList(
        parts.health,
        parts.room_words,
        parts.hosts,
        parts.control_room,
        prefix,
        parts.held,
    )
    return OrganiserCommands(
        parts.schedule_poller,
        parts.rooms,
        Status(parts.programme, parts.views, parts.settings, parts.troubles, parts.meetings),
        room_list,
        ConfHosts(parts.hosts, parts.programme, parts.rooms, room_list, prefix),
        ConfPauses(scopes, announcer, parts.pauses, prefix),
        parts.settings,
    )
