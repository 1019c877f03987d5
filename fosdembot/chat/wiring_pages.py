"""Ties together the commands by which people become known on pages."""

from __future__ import annotations

from fosdembot.actions.access import Access
from fosdembot.actions.pages import LinkActions, LoginActions
from fosdembot.changes import Changes
from fosdembot.chat.commands.login import LoginCommands
from fosdembot.chat.commands.talk import ModerationCommands
from fosdembot.chat.commands.talk_page import TalkPageCommand
from fosdembot.chat.meant.talk import TalkChoice
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import PageLinks
from fosdembot.conference.page_logins import PageLogins
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.matrix.outbox import Outbox
from fosdembot.settings import Settings


def add_logins(
    runner: CommandRunner,
    addresses: PageAddresses,
    settings: Settings,
    clock: Clock,
    changes: Changes,
) -> None:
    logins, sessions = PageLogins(clock), PageSessions(settings, clock)
    actions = LoginActions(logins, sessions, addresses, settings, changes)
    runner.add(LoginCommands(actions, settings).table())


def add_links(
    moderation: ModerationCommands,
    choice: TalkChoice,
    access: Access,
    addresses: PageAddresses,
    outbox: Outbox,
    settings: Settings,
    changes: Changes,
) -> None:
    programme = addresses.programme
    actions = LinkActions(access, PageLinks(programme, settings), addresses, changes)
    links = TalkPageCommand(actions, programme, choice, outbox, settings)
    moderation.add_action("page", links.command)
