"""What speakers and moderators type about questions: `!take`, `!dismiss 12` and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fosdembot.actions.current import CurrentQuestion
from fosdembot.actions.deciding import Deciding
from fosdembot.chat.command import (
    PRIVATE,
    Command,
    Commands,
    Declined,
    Entry,
    Handler,
    Quietly,
)
from fosdembot.chat.commands.standing import standing
from fosdembot.chat.commands.undo_hint import UndoHint
from fosdembot.chat.incoming import Edit
from fosdembot.chat.meant.question import Obvious, QuestionChoice, split_number
from fosdembot.chat.runner import CommandRunner
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, Reason
from fosdembot.db.tables import SeenEvent
from fosdembot.notifications.reasons import Reasons
from fosdembot.questions import lookup
from fosdembot.questions.states import Action
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import count, names

_INTO = re.compile(r"^(?:into|in|to|with|and|->|→|&|\+)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class DecidingCommands:
    _runner: CommandRunner
    _deciding: Deciding
    _reasons: Reasons
    _question_choice: QuestionChoice
    _views: RoomViews
    _hint: UndoHint
    _prefix: str

    def table(self) -> Commands:
        return {
            "take": Entry(self._by(Action.TAKE, self._current(Action.TAKE))),
            "done": Entry(self._by(Action.DONE, self._current(Action.DONE))),
            "skip": Entry(self._by(Action.SKIP, self._current(Action.SKIP))),
            "star": Entry(self._by(Action.STAR)),
            "unstar": Entry(self._by(Action.UNSTAR)),
            "restore": Entry(self._by(Action.RESTORE)),
            "approve": Entry(self._approve),
            "dismiss": Entry(self._dismiss),
            "merge": Entry(self._merge),
        }

    def _by(self, action: Action, obvious: Obvious | None = None) -> Handler:
        async def handle(command: Command) -> Text | Quietly:
            question, rest = await self._question_choice.question(command, obvious)
            said = await self._act(command, question, action)
            return self._with_others(command, question, rest, said)

        return handle

    def _with_others(
        self, command: Command, question: Question, rest: str, said: Text
    ) -> Text | Quietly:
        only = self._question_choice.only_one(command, question, rest)
        return sentences([said, *only]) if only else Quietly(said)

    async def _approve(self, command: Command) -> Text | Quietly:
        *before, last = command.arguments.split() or [""]
        if last.lower() == "all":
            room, _ = await self._question_choice.room(
                replace(command, arguments=" ".join(before)), last
            )
            return Quietly(await self._approve_all(command, room))
        question, rest = await self._question_choice.question(command)
        said = await self._act(command, question, Action.APPROVE)
        return self._with_others(command, question, rest, said)

    async def _approve_all(self, command: Command, room: str) -> Text:
        waiting = await self._deciding.approve_all(command.session, command.actor, room)
        if not waiting:
            return say(texts.NONE_WAITS)
        numbers = names([str(question.number) for question in waiting])
        return await self._hint.after(command, waiting[0], say(texts.APPROVED, numbers=numbers))

    async def _dismiss(self, command: Command) -> Text | Quietly:
        question, reason = await self._question_choice.question(command)
        if not reason:
            return Quietly(await self._act(command, question, Action.DISMISS))
        if command.place in PRIVATE:
            return await self._act(command, question, Action.DISMISS, reason)
        said = await self._act(command, question, Action.DISMISS)
        return sentences([said, say(texts.REASON_ELSEWHERE)])

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        """Whether it edits a command that gave a reason, which follows. What was decided
        stays."""
        reason = await session.get(Reason, edit.original)
        if reason is None:
            return False
        seen = await session.get(SeenEvent, edit.original)
        if seen is None or seen.sender != edit.sender:
            return False
        call = await self._runner.call(session, edit)
        text = ""
        if call is not None and call.word == "dismiss":
            command = await self._runner.command(session, edit, call, edit.original)
            try:
                question, rest = await self._question_choice.question(command)
            except Declined:
                question, rest = None, ""
            text = rest if question is not None and question.id == reason.question_id else ""
        await self._reasons.reword(session, reason, text)
        return True

    async def _merge(self, command: Command) -> Quietly:
        session = command.session
        question, into = await self._two_questions(command)
        await self._deciding.merge(session, command.actor, question, into)
        root = await session.get_one(Question, into.root)
        said = say(
            texts.MERGED,
            number=str(question.number),
            into=str(root.number),
            votes=count(root.votes, "vote"),
        )
        return Quietly(await self._hint.after(command, question, said))

    async def _two_questions(self, command: Command) -> tuple[Question, Question]:
        """`12 14`, or `14` as a reply to 12."""
        session = command.session
        named, rest = await self._question_choice.question(command)
        number, _ = split_number(_INTO.sub("", rest))
        if number is not None:
            into = await lookup.by_number(session, named.room_id, number)
            if into is None:
                raise Declined(say(texts.NO_SUCH_QUESTION, p=self._prefix, number=str(number)))
            return named, into
        replied = command.reply_to and await lookup.by_event(session, command.reply_to)
        if not replied or replied.id == named.id:
            raise Declined(say(texts.MERGE_USAGE, p=self._prefix))
        return replied, named

    async def _act(
        self, command: Command, question: Question, action: Action, reason: str = ""
    ) -> Text:
        session = command.session
        changed = await self._deciding.decide(session, command.actor, question, action)
        if not changed:
            return standing(texts.ALREADY, question)
        said = [standing(texts.NOW, each) for each in changed]
        if reason:
            said += await self._reasons.give(
                command.session, question, reason, cause=command.event_id, room=command.room
            )
        return await self._hint.after(command, question, sentences(said))

    def _current(self, action: Action) -> Obvious:
        current = CurrentQuestion(self._views)

        async def find(command: Command, room: str) -> Question:
            return await current.find(command.session, room, command.at, action)

        return find
