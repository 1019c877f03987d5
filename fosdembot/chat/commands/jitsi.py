"""`!jitsi …`: which meeting the talks of a room have, and how it is there.

A meeting's address is the way into the broadcast: it is dealt with only where the audience does not
read. What somebody typed is never repeated, as it may be a password.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fosdembot.actions.meetings import MeetingActions
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.chat.command import PRIVATE, Command, Commands, Declined, Entry
from fosdembot.chat.commands.jitsi_status import MeetingStatus
from fosdembot.chat.commands.jitsi_test import MeetingTests
from fosdembot.chat.meant.room import Finder
from fosdembot.conference.addresses import short_name
from fosdembot.meeting_url import Fault, MeetingUrl, NotAMeeting
from fosdembot.settings import Settings
from fosdembot.texts import jitsi as texts
from fosdembot.texts.render import Text, clean, lines, say
from fosdembot.texts.words import count

_WORDS = ("status", "off", "reset", "test", "help")
_FAULTS = {
    Fault.NO_URL: texts.NO_URL,
    Fault.TOO_LONG: texts.TOO_LONG,
    Fault.NOT_HTTPS: texts.NOT_HTTPS,
    Fault.NO_ROOM: texts.NO_ROOM,
    Fault.SECRET: texts.SECRET,
}
_URL = "URL"
"""What a command names where it asks back, in place of what was typed."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """`!jitsi [ROOM] [WORD] [ADDRESS]`"""

    room: str
    word: str
    """Of `_WORDS`; or nothing."""
    address: str
    """What is to be an address of a meeting."""
    more: bool
    """Whether anything else was typed."""


@dataclass(frozen=True, slots=True)
class JitsiCommand:
    _actions: MeetingActions
    _finder: Finder
    _status: MeetingStatus
    _tests: MeetingTests
    _settings: Settings

    def table(self) -> Commands:
        return {"jitsi": Entry(self._jitsi, may_hold_secrets=True)}

    async def _jitsi(self, command: Command) -> Text:
        wish = _read(command.arguments)
        await self._check_place(command, wish)
        match wish.word:
            case "help":
                return self._usage(wish.room)
            case "test":
                return await self._test(command, wish)
            case "status":
                return await self._show(command, wish)
            case "off" | "reset":
                return await self._decide(command, wish)
        if wish.address:
            return await self._name(command, wish)
        said = await self._show(command, wish)
        return said if wish.room else lines([said, self._usage("")])

    async def _check_place(self, command: Command, wish: _Wish) -> None:
        """Raises `Declined` where the audience reads; `Refused` first where somebody may not see to
        meetings at all."""
        if command.place in PRIVATE:
            return
        access, needed = self._actions.access, Permission.SEE_TO_MEETING
        await access.demand(command.session, command.actor, needed, command.room)
        raise Declined(say(texts.ELSEWHERE_SAID if wish.address else texts.ELSEWHERE))

    # What is decided.

    async def _name(self, command: Command, wish: _Wish) -> Text:
        meeting = self._meeting(wish)
        address = await self._room(command, wish, _URL)
        await self._actions.name(command.session, command.actor, address, meeting)
        minutes = count(self._settings.jitsi.before_minutes, "minute")
        return self._said(texts.NAMED, address, minutes=minutes)

    async def _decide(self, command: Command, wish: _Wish) -> Text:
        session, actor = command.session, command.actor
        address = await self._room(command, wish, wish.word)
        if wish.word == "off":
            await self._actions.turn_off(session, actor, address)
            return self._said(texts.OFF, address)
        if not await self._actions.reset(session, actor, address):
            return self._said(texts.RESET_ALREADY, address)
        has_one = await self._status.has_meeting(session, address)
        return self._said(texts.RESET if has_one else texts.RESET_NONE, address)

    async def _test(self, command: Command, wish: _Wish) -> Text:
        if not wish.address:
            raise Declined(say(texts.TEST_USAGE, p=self._prefix))
        meeting = self._meeting(wish)
        addresses = await self._allowed(command)
        if not addresses:
            raise Refused(Denial.NOT_ALLOWED, permission=Permission.SEE_TO_MEETING)
        self._actions.check_server(meeting)
        if not self._tests.ask(command, meeting):
            raise Declined(say(texts.TOO_MANY_TESTS))
        return say(texts.TESTING)

    # What is shown.

    async def _show(self, command: Command, wish: _Wish) -> Text:
        if wish.room:
            address = await self._room(command, wish, wish.word)
            await self._actions.check(command.session, command.actor, address)
            return await self._status.of_room(command.session, address, command.now)
        addresses = await self._allowed(command)
        if not addresses and await self._possible(command):
            raise Refused(Denial.NOT_ALLOWED, permission=Permission.SEE_TO_MEETING)
        return await self._status.of_rooms(command.session, addresses, command.now)

    async def _possible(self, command: Command) -> Sequence[str]:
        return await self._finder.possible(command.session, command.place, command.room)

    async def _allowed(self, command: Command) -> Sequence[str]:
        """The talk rooms that may be meant, and whose meetings somebody may see to."""
        session, actor = command.session, command.actor
        return [
            address
            for address in await self._possible(command)
            if await self._actions.may(session, actor, address)
        ]

    # What is meant.

    def _meeting(self, wish: _Wish) -> MeetingUrl:
        """Raises `Declined`, which repeats nothing."""
        try:
            meeting = MeetingUrl.parse(wish.address)
        except NotAMeeting as err:
            raise Declined(self._with_room(_FAULTS[err.fault], wish.room)) from None
        if wish.more:
            raise Declined(self._with_room(texts.NO_URL, wish.room))
        return meeting

    async def _room(self, command: Command, wish: _Wish, then: str) -> str:
        """The address of the talk room. Raises `Declined`."""
        found = await self._finder.room(replace(command, arguments=wish.room), then)
        if found.rest or (wish.more and not wish.address):
            await self._actions.check(command.session, command.actor, found.address)
            raise Declined(self._usage(""))
        return found.address

    def _usage(self, room: str) -> Text:
        return self._with_room(texts.USAGE, room)

    def _with_room(self, template: str, room: str) -> Text:
        named = say(texts.OF_ROOM, room=clean(room, 40)) if room else ""
        return say(template, p=self._prefix, room=named)

    def _said(self, template: str, address: str, **values: str) -> Text:
        name = short_name(address)
        return say(template, p=self._prefix, room=name, name=name, **values)

    @property
    def _prefix(self) -> str:
        return self._settings.command_prefix


def _read(arguments: str) -> _Wish:
    """The name of a room is one word, as for all commands."""
    first, second, *more = [*arguments.split(None, 3), "", ""]
    for room, (here, *rest) in (("", (first, second, *more)), (first, (second, *more))):
        word = here.lower()
        if word in _WORDS:
            following = rest[0] if rest else ""
            is_test = word == "test"
            others = rest[1:] if is_test else rest
            return _Wish(room, word, _bare(following) if is_test else "", any(others))
        if _is_address(here):
            return _Wish(room, "", _bare(here), any(rest))
    return _Wish(first, "", "", bool(second))


def _is_address(word: str) -> bool:
    """Whether somebody means an address of a meeting; no room is called so."""
    return not word.startswith(("#", "!")) and any(sign in word for sign in "/?=@\\")


def _bare(word: str) -> str:
    """Some put addresses in angle brackets."""
    return word.strip("<>") if word.startswith("<") else word
