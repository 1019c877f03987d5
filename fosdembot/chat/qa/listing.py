"""`!questions`: what was asked for the talk that is on, or just over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Entry, Listed, Place
from fosdembot.chat.finder import Finder, Found
from fosdembot.conference.asked import entry
from fosdembot.conference.room_view import RoomViews, TalkView
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import is_bridged
from fosdembot.matrix.room_addresses import room_of
from fosdembot.notifications.lists import Section, compose, keep
from fosdembot.questions.views import QuestionView, Wanted
from fosdembot.settings import Settings
from fosdembot.talks.asked import entry_line
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import AudienceSlot
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

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            waiting=self.most,
            answered=self.most if self.all and not self.bridged else 0,
            pending=self.most if self.pending else None,
        )

    def take(
        self, questions: Iterable[QuestionView], template: str = "{entry}"
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
        views: RoomViews,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._finder = finder
        self._access = access
        self._views = views
        self._outbox = outbox
        self._settings = settings

    def table(self) -> Commands:
        return {"questions": Entry(self._questions, question=True, asks_with=frozenset({ALL}))}

    async def _questions(self, command: Command) -> Text | Listed:
        words = command.arguments.split()
        others = [word for word in words if word.casefold() != ALL]
        found = await self._finder.room(replace(command, arguments=" ".join(others)))
        session, room = command.session, await room_of(command.session, found.address)
        talks = await self._views.audience(session, found.address, command.now)
        number = len(talks.current[:BRIDGED])
        if not number:
            return self._say(texts.NO_TALK)
        page = await self._page(command, found, room, others != words, number)
        view = await self._views.room(session, talks, room, page.wanted, most_talks=BRIDGED)
        sections = [self._talk(page, talk) for talk in view.current.entries]
        return Listed(compose(sections), lambda key: keep(self._outbox, session, key, sections))

    async def _page(
        self, command: Command, found: Found, room: str | None, show_all: bool, talks: int
    ) -> _Page:
        session = command.session
        bridged = await is_bridged(session, command.room)
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

    def _talk(self, page: _Page, talk: TalkView[AudienceSlot]) -> Section:
        """What is said of one talk."""
        questions, title = talk.questions, title_of(talk.slot.talk)
        said = page.take(questions.pending.entries, texts.PENDING)
        said += (best := page.take(questions.waiting.entries))
        left, done = questions.waiting.total - len(best), questions.answered.total
        asking = self._asking(page, questions.closed)
        empty = sentences([*self._nothing(page, title, done), *asking])
        if page.all and not page.bridged:
            newest = questions.answered.entries[: page.most - len(best)]
            said += (ticked := page.take(newest, texts.ANSWERED))
            left, done = left + done - len(ticked), 0
        rest = self._rest(page, left, done)
        if questions.closed:
            rest.append(say(texts.CLOSED))
        return Section(
            heading=say(texts.HEADING, title=title),
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

    def _asking(self, page: _Page, closed: bool) -> list[Text]:
        if closed:
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
