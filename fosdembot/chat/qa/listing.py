"""`!questions`: what was asked for the talk that is on, or just over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Entry, Listed, Place
from fosdembot.chat.finder import Finder, Found
from fosdembot.conference.asked import entry
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_settings import settings_for
from fosdembot.db.question_tables import Question
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import is_bridged
from fosdembot.matrix.room_addresses import room_of
from fosdembot.notifications.lists import Section, compose, keep
from fosdembot.questions.assignment import Ambiguous, Chosen, talk_for
from fosdembot.questions.board import answered, count_answered, count_on_board, in_state, on_board
from fosdembot.questions.desk import Desk
from fosdembot.questions.states import State
from fosdembot.settings import Settings
from fosdembot.talks.asked import entry_line
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import AudienceSlot, as_streamed
from fosdembot.texts import listing as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import count

ALL = "all"
TOP = 10
MOST = 50
BRIDGED = 3
"""Lines of a message that an IRC bridge does not turn into a link."""
LONGEST = 8000
"""Bytes of the questions in one message, as HTML: an event may have 65,536 (Client-Server
API, "Size limits"), and holds them twice."""
_SEE_PENDING = (Place.HOSTS_ROOM, Place.DIRECT)
_MAY_ASK = (Place.TALK_ROOM, Place.DIRECT)


@dataclass
class _Page:
    """One answer."""

    command: Command
    found: Found
    all: bool
    bridged: bool
    pending: bool
    """Whether it is for somebody who lets questions through."""
    most: int
    """Questions of one talk."""
    left: int = LONGEST

    def take(
        self, questions: Iterable[Question], template: str = "{entry}"
    ) -> list[tuple[int, Text]]:
        """The lines of those questions for which there is room, with their ids."""
        taken = []
        for question in questions:
            line = say(template, entry=entry_line(entry(question)))
            self.left -= len(line.html.encode(errors="replace"))
            if self.left < 0:
                break
            taken.append((question.id, line))
        return taken


class Listing:
    def __init__(
        self,
        finder: Finder,
        access: Access,
        programme: Programme,
        desk: Desk,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._finder = finder
        self._access = access
        self._programme = programme
        self._desk = desk
        self._outbox = outbox
        self._settings = settings

    def table(self) -> Commands:
        return {"questions": Entry(self._questions, question=True, asks_with=frozenset({ALL}))}

    async def _questions(self, command: Command) -> Text | Listed:
        words = command.arguments.split()
        others = [word for word in words if word.casefold() != ALL]
        found = await self._finder.room(replace(command, arguments=" ".join(others)))
        slots = await self._slots(command, found.address)
        if not slots:
            return self._say(texts.NO_TALK)
        page = await self._page(command, found, others != words, len(slots))
        sections = [await self._talk(page, slot) for slot in slots]
        return Listed(
            compose(sections), lambda key: keep(self._outbox, command.session, key, sections)
        )

    async def _slots(self, command: Command, address: str) -> Sequence[AudienceSlot]:
        """The talk that is on or just over, else the next; several where they are on at once."""
        room = await self._programme.room(command.session, address)
        settings = await settings_for(command.session, self._settings, address)
        slots = as_streamed(room.slots, settings, address)
        match talk_for(slots, command.now, self._programme.zone):
            case Chosen(slot=slot):
                return [slot]
            case Ambiguous(slots=several):
                return several[:BRIDGED]
        return []

    async def _page(self, command: Command, found: Found, show_all: bool, talks: int) -> _Page:
        session = command.session
        bridged = await is_bridged(session, command.room)
        room = await room_of(session, found.address)
        pending = command.place in _SEE_PENDING and await self._access.allows(
            session, command.actor, Permission.SEE_PENDING, room
        )
        most = BRIDGED if bridged else MOST if show_all else TOP
        return _Page(
            command=command,
            found=found,
            all=show_all,
            bridged=bridged,
            pending=pending,
            most=max(1, most // talks),
        )

    async def _talk(self, page: _Page, slot: AudienceSlot) -> Section:
        """What is said of one talk."""
        session, talk = page.command.session, slot.talk.guid
        said = []
        if page.pending:
            waiting = await in_state(session, talk, State.PENDING)
            said += page.take(waiting[: page.most], texts.PENDING)
        best = page.take(await on_board(session, talk, page.most))
        left = await count_on_board(session, talk) - len(best)
        done = await count_answered(session, talk)
        said += best
        asking = await self._asking(page, talk)
        empty = sentences([*self._nothing(page, title_of(slot.talk), done), *asking])
        if page.all and not page.bridged:
            newest = await answered(session, talk, page.most - len(best))
            said += (ticked := page.take(newest, texts.ANSWERED))
            left, done = left + done - len(ticked), 0
        rest = self._rest(page, left, done)
        if await self._desk.is_closed(session, talk):
            rest.append(say(texts.CLOSED))
        return Section(
            heading=say(texts.HEADING, title=title_of(slot.talk)),
            entries=tuple(said),
            rest=sentences(rest) if rest else None,
            empty=empty,
            bridged=page.bridged,
        )

    def _rest(self, page: _Page, left: int, done: int) -> list[Text]:
        """How many more there are, and how to see them."""
        if page.all or page.bridged:
            return [say(texts.MORE, number=left)] if left else []
        if not left + done:
            return []
        more = say(texts.MORE_WITH, number=left + done, p=self._prefix, command=self._typed(page))
        return [more]

    def _nothing(self, page: _Page, title: str, done: int) -> list[Text]:
        if not done:
            return [say(texts.NONE_YET, title=title)]
        questions = count(done, "question")
        typed = self._typed(page)
        return [
            say(texts.NONE_LEFT, title=title),
            self._say(texts.ANSWERED_WITH, questions=questions, command=typed),
        ]

    async def _asking(self, page: _Page, talk: str) -> list[Text]:
        if await self._desk.is_closed(page.command.session, talk):
            return [say(texts.CLOSED)]
        return [self._say(texts.ASK)] if page.command.place in _MAY_ASK else []

    def _typed(self, page: _Page) -> str:
        """How to ask for all of them from the same place."""
        return page.found.typed(f"{page.command.word} {ALL}")

    def _say(self, template: str, **values: str) -> Text:
        return say(template, p=self._prefix, **values)

    @property
    def _prefix(self) -> str:
        return self._settings.command_prefix
