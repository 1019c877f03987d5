"""`!link CODE` and `!page`: somebody becomes known on a page, by a direct chat with the bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from fosdembot.actions.pages import LoginActions
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.conference.page_logins import Claim
from fosdembot.matrix.members import display_name
from fosdembot.settings import Settings
from fosdembot.texts import page_login as texts
from fosdembot.texts.render import Text, clean, link, say

_OFF = "off"
_MOST_CODES = 5
"""Of one person in ten minutes. Nobody needs as many, and so nobody finds a code by guessing."""
_WHILE = timedelta(minutes=10)


def _limit() -> RateLimit:
    return RateLimit(_MOST_CODES, _WHILE)


@dataclass(frozen=True, slots=True)
class LoginCommands:
    _actions: LoginActions
    _settings: Settings
    _tries: RateLimit = field(default_factory=_limit)

    def table(self) -> Commands:
        # What people type may be a code that a page shows.
        return {
            "link": Entry(self._link, may_hold_secrets=True),
            "page": Entry(self._page),
        }

    async def _link(self, command: Command) -> Text:
        self._check_place(command)
        code = command.arguments.strip()
        if code.lower() == _OFF:
            await self._actions.leave(command.session, command.actor)
            return self._say(texts.LINK_OFF)
        if not code:
            raise Declined(self._say(texts.LINK_USAGE))
        if not self._tries.allows(command.sender, command.answers, command.arrived or command.at):
            raise Declined(self._say(texts.TOO_MANY_CODES))
        claim = await self._actions.claim(
            command.session, command.actor, code, await self._name(command)
        )
        match claim:
            case Claim.UNKNOWN:
                raise Declined(self._say(texts.LINK_UNKNOWN))
            case Claim.TAKEN:
                raise Declined(self._say(texts.LINK_TAKEN))
        return self._say(texts.LINKED, code=clean(code.upper(), 20), person=command.sender)

    async def _page(self, command: Command) -> Text:
        self._check_place(command)
        actions = self._actions
        secret = await actions.invite(command.session, command.actor, await self._name(command))
        return self._say(texts.PAGE, url=_link(actions.addresses.login(secret)))

    def _check_place(self, command: Command) -> None:
        """Raises `Declined` where others read."""
        if command.place is not Place.DIRECT:
            raise Declined(self._say(texts.IN_DIRECT_CHAT))

    async def _name(self, command: Command) -> str:
        return await display_name(command.session, command.room, command.sender)

    def _say(self, template: str, **values: str | Text) -> Text:
        return say(template, p=self._settings.command_prefix, **values)


def _link(url: str) -> Text:
    """Addresses of ours can be tapped, unless the public one is no address at all."""
    return link(url) or Text(url, url)
