"""`!take`, `!done`, `!skip`, `!star`, `!unstar`, `!restore`, `!approve`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fosdembot.actions.current import CurrentQuestion
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import (
    Command,
    Commands,
    Declined,
    Entry,
    Handler,
    Place,
    Quietly,
)
from fosdembot.chat.commands.decisions import Decisions
from fosdembot.chat.commands.undo_hint import UndoHint
from fosdembot.chat.meant.question import Obvious, QuestionChoice
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.question_tables import Question
from fosdembot.questions import log
from fosdembot.questions.states import Action, State
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import names


@dataclass(frozen=True, slots=True)
class DecidingCommands:
    _decisions: Decisions
    _deciding: Deciding
    _question_choice: QuestionChoice
    _views: RoomViews
    _hint: UndoHint

    def table(self) -> Commands:
        return {
            "take": Entry(self._by(Action.TAKE, self._current(Action.TAKE))),
            "done": Entry(self._by(Action.DONE, self._current(Action.DONE))),
            "skip": Entry(self._by(Action.SKIP, self._current(Action.SKIP))),
            "star": Entry(self._by(Action.STAR)),
            "unstar": Entry(self._by(Action.UNSTAR)),
            "restore": Entry(self._by(Action.RESTORE)),
            "approve": Entry(self._approve),
        }

    def _by(self, action: Action, obvious: Obvious | None = None) -> Handler:
        async def handle(command: Command) -> Text | Quietly:
            question, rest = await self._question_choice.question(command, obvious)
            said = await self._decisions.decide(command, question, action)
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
        said = await self._decisions.decide(command, question, Action.APPROVE)
        return self._with_others(command, question, rest, said)

    async def _approve_all(self, command: Command, room: str) -> Text:
        waiting = await self._deciding.approve_all(command.session, command.actor, room)
        if not waiting:
            return say(texts.NONE_WAITS)
        numbers = names([str(question.number) for question in waiting])
        return await self._hint.after(command, waiting[0], say(texts.APPROVED, numbers=numbers))

    def _current(self, action: Action) -> Obvious:
        current = CurrentQuestion(self._views)

        async def find(command: Command, room: str) -> Question:
            question = await current.find(command.session, room, command.actor, action)
            if action is Action.TAKE and question.state == State.ANSWERING:
                await self._just_taken(command, question)
            return question

        return find

    async def _just_taken(self, command: Command, question: Question) -> None:
        """Of two who take the next at once, both mean this question, and a ✅ says so in a talk
        room; who does so twice means another one. Raises `Declined` where that has to be said."""
        session = command.session
        await self._deciding.check(session, command.actor, question, Permission.TAKE)
        last = await log.last_about(session, question)
        is_own = last is not None and last.actor == command.sender
        if is_own or command.place is not Place.TALK_ROOM:
            raise Declined(say(texts.TAKEN_JUST_NOW, number=str(question.number)))
