"""`!question 12`: one question, as it stands."""

from __future__ import annotations

import re

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import PRIVATE, Command, Place
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.meant.room import Finder
from fosdembot.chat.question_status import with_status
from fosdembot.chat.reading.parser import first_word
from fosdembot.chat.replies import answer_key
from fosdembot.conference.question_summaries import entry
from fosdembot.db.question_tables import Question
from fosdembot.questions.shown import show
from fosdembot.questions.states import HIDDEN
from fosdembot.questions.views import view_of
from fosdembot.talks.question_summary import entry_line
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences

_NUMBER = re.compile(r"(?:#|q)?\s?\d{1,9}[.?!]*", re.IGNORECASE)


class Showing:
    def __init__(self, question_choice: QuestionChoice, finder: Finder, access: Access) -> None:
        self._question_choice = question_choice
        self._finder = finder
        self._access = access

    def is_meant(self, command: Command) -> bool:
        """Whether somebody types a question's number where a question could stand."""
        text = command.text
        if _NUMBER.fullmatch(text):
            return True
        room, rest = first_word(text)
        if command.place is Place.TALK_ROOM or not _NUMBER.fullmatch(rest):
            return False
        return bool(self._finder.fitting(room.rstrip(":：")))

    async def show(self, command: Command) -> Text:
        """Raises `Declined`."""
        session = command.session
        question, _ = await self._question_choice.question(command)
        root = await session.get_one(Question, question.root)
        hidden = question.state in HIDDEN or root.state in HIDDEN
        if not question.text or (hidden and not await self._may_read(command, question)):
            return with_status(texts.SHOWN_HIDDEN, question)
        await show(session, answer_key(command.answers), [question.id], renewed=False)
        line = entry_line(entry(view_of(question)))
        if root is not question:
            return sentences([line, say(texts.SHOWN_MERGED, number=str(root.number))])
        return sentences([line, with_status(texts.SHOWN, question)])

    async def _may_read(self, command: Command, question: Question) -> bool:
        """Whether somebody may read what the audience may not, where it does not read."""
        if command.place not in PRIVATE:
            return False
        if command.place is Place.DIRECT and question.asker == command.sender:
            return True
        actor, may = command.actor, Permission.READ_HIDDEN
        return await self._access.allows(command.session, actor, may, question)
