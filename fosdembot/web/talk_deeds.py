"""What is done on a talk's pages: each calls one action, and says what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fosdembot.actions.access import TalkIn
from fosdembot.actions.actor import Actor
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.undoing import QuestionsUndone
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.notifications import reasons
from fosdembot.questions import answers
from fosdembot.questions.states import Action
from fosdembot.texts import page_talk as texts
from fosdembot.texts import questions as question_texts
from fosdembot.texts.render import Text, clean_lines, say, sentences

from .refusals import Declined
from .requests import id_of
from .room_personal import name_of
from .talk_offers import Deed
from .talk_tools import TalkTools
from .visitors import Visitor

_DECISIONS = {
    Deed.TAKE: Action.TAKE,
    Deed.DONE: Action.DONE,
    Deed.SKIP: Action.SKIP,
    Deed.STAR: Action.STAR,
    Deed.UNSTAR: Action.UNSTAR,
    Deed.APPROVE: Action.APPROVE,
    Deed.RESTORE: Action.RESTORE,
}
_CURRENT = {Deed.FINISH: Action.DONE, Deed.PASS: Action.SKIP}


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody wants."""

    visitor: Visitor
    actor: Actor
    deed: Deed
    about: str
    """A question or an answer (its id), or a talk (its guid)."""
    form: Mapping[str, str]


Do = Callable[[WriteSession, Case], Awaitable[Text]]


@dataclass(frozen=True, slots=True)
class QuestionDeeds:
    tools: TalkTools
    programme: Programme

    def table(self) -> Mapping[Deed, Do]:
        return {
            **dict.fromkeys(_DECISIONS, self._decide),
            **dict.fromkeys(_CURRENT, self._decide_current),
            Deed.NEXT: self._next,
            Deed.UNDO: self._undo,
            Deed.DISMISS: self._dismiss,
            Deed.MERGE: self._merge,
            Deed.MOVE: self._move,
            Deed.MUTE: self._mute,
            Deed.UNMUTE: self._mute,
            Deed.ANSWER: self._answer,
            Deed.REWORD: self._reword,
            Deed.REMOVE: self._remove,
        }

    async def _decide(self, session: WriteSession, case: Case) -> Text:
        action, deciding = _DECISIONS[case.deed], self.tools.deciding
        question = await _question(session, case.about)
        changed = await deciding.decide(session, case.actor, question, action)
        return _decided(action, question, is_new=bool(changed))

    async def _decide_current(self, session: WriteSession, case: Case) -> Text:
        """Whichever is current in a talk."""
        action, deciding = _CURRENT[case.deed], self.tools.deciding
        room = await self._room(session, case)
        decided = await deciding.decide_current(session, case.actor, room, action, case.about)
        return _decided(action, decided.question, is_new=bool(decided.changed))

    async def _next(self, session: WriteSession, case: Case) -> Text:
        """Done with this one, take the next."""
        deciding = self.tools.deciding
        room = await self._room(session, case)
        try:
            taken = await deciding.decide_current(
                session, case.actor, room, Action.TAKE, case.about
            )
        except Refused as refused:
            # What is repeated may have found nothing to take before.
            if refused.why not in (Denial.NOTHING_WAITS, Denial.CAUSE_USED):
                raise
        else:
            if not taken.changed:
                return _numbered(texts.TAKEN_JUST_NOW, taken.question)
            return _decided(Action.TAKE, taken.question, is_new=True)
        await deciding.decide_current(session, case.actor, room, Action.DONE, case.about)
        return say(texts.NOTHING_LEFT)

    async def _undo(self, session: WriteSession, case: Case) -> Text:
        room = await self._room(session, case)
        undoing, address = self.tools.undoing, self.programme.address_by_guid(case.about)
        if case.visitor.link is None and address is not None:
            undone = await undoing.undo(session, case.actor, address)
        else:
            talk = TalkIn(case.about, room)
            undone = await undoing.undo_in_talk(session, case.actor, talk)
        match undone:
            case None:
                return say(texts.NOTHING_TO_UNDO)
            case QuestionsUndone(last=last, restored=restored):
                template = texts.UNDONE if restored else texts.UNDONE_TOO_LATE
                return say(template, number=str(last.number))
        return say(texts.UNDONE_TALK)

    async def _dismiss(self, session: WriteSession, case: Case) -> Text:
        question = await _question(session, case.about)
        reason = case.form.get("reason")
        if reason is None:
            decide = self.tools.deciding.decide
            changed = await decide(session, case.actor, question, Action.DISMISS)
            return _decided(Action.DISMISS, question, is_new=bool(changed))
        if not clean_lines(reason, 1, 1):
            raise Declined(say(texts.REASON_EMPTY), 400)
        if not await self.tools.deciding.dismiss(session, case.actor, question, reason):
            return _decided(Action.DISMISS, question, is_new=False)
        told = await reasons.is_told(session, question, case.actor.cause)
        return _numbered(texts.DISMISSED_WHY if told else texts.DISMISSED_UNTOLD, question)

    async def _merge(self, session: WriteSession, case: Case) -> Text:
        question = await _question(session, case.about)
        into = await _question(session, case.form.get("into", ""))
        await self.tools.deciding.merge(session, case.actor, question, into)
        return say(texts.MERGED, number=str(question.number), into=str(into.number))

    async def _move(self, session: WriteSession, case: Case) -> Text:
        """To another talk of the room."""
        question = await _question(session, case.about)
        to = case.form.get("to", "")
        address = self.programme.address_by_guid(to)
        if address is None or address != self.programme.address_by_guid(question.talk):
            raise Declined(say(texts.TALK_GONE), 404)
        await self.tools.deciding.move(session, case.actor, question, to)
        return _numbered(texts.MOVED, question)

    async def _mute(self, session: WriteSession, case: Case) -> Text:
        """Nobody is named; and it is not said whether it was so already: by that, who mutes people
        by their names would find out who asked."""
        question, mutes = await _question(session, case.about), case.deed is Deed.MUTE
        await self.tools.rooms.mute_asker(session, case.actor, question, mutes)
        return _numbered(texts.MUTED if mutes else texts.UNMUTED, question)

    # In writing.

    async def _answer(self, session: WriteSession, case: Case) -> Text:
        question = await _question(session, case.about)
        text = case.form.get("text", "")
        name = await self._name(session, case.visitor, question)
        answer = await self.tools.answers.answer_afterwards(
            session, case.actor, question, text, name
        )
        return _written(_numbered(texts.ANSWERED, question), answer, text)

    async def _name(self, session: WriteSession, visitor: Visitor, question: Question) -> str:
        """What others see: of a link its own, of a person as in the room."""
        address = self.programme.address_by_guid(question.talk)
        if visitor.link is not None or address is None:
            return visitor.name or texts.SOMEBODY
        return await name_of(session, address, visitor) or texts.SOMEBODY

    async def _reword(self, session: WriteSession, case: Case) -> Text:
        answer, text = await _answer_row(session, case.about), case.form.get("text", "")
        if not clean_lines(text, 1, 1):
            raise Declined(say(texts.ANSWER_EMPTY), 400)
        await self.tools.answers.reword(session, case.actor, answer, text)
        return _written(say(texts.REWORDED), answer, text)

    async def _remove(self, session: WriteSession, case: Case) -> Text:
        answer = await _answer_row(session, case.about)
        await self.tools.answers.remove(session, case.actor, answer)
        return say(texts.REMOVED)

    async def _room(self, session: WriteSession, case: Case) -> str:
        return await matrix_room(session, self.programme, case.about)


async def matrix_room(session: WriteSession, programme: Programme, talk: str) -> str:
    """The Matrix room (its id) of a talk (its guid). Raises `Declined`."""
    address = programme.address_by_guid(talk)
    room = await room_at(session, address) if address is not None else None
    if room is None:
        raise Declined(say(texts.NOT_HERE))
    return room


async def _question(session: WriteSession, word: str) -> Question:
    id_ = id_of(word)
    question = await session.get(Question, id_) if id_ is not None else None
    if question is None:
        raise Declined(say(texts.QUESTION_GONE), 404)
    return question


async def _answer_row(session: WriteSession, word: str) -> Answer:
    id_ = id_of(word)
    answer = await session.get(Answer, id_) if id_ is not None else None
    if answer is None:
        raise Declined(say(texts.ANSWER_GONE), 404)
    return answer


def _written(said: Text, answer: Answer, text: str) -> Text:
    if not answers.is_cut(answer, text):
        return said
    return sentences([said, say(question_texts.ANSWER_CUT, most=answers.LONGEST)])


def _decided(action: Action, question: Question, *, is_new: bool) -> Text:
    if is_new:
        return _numbered(texts.DECIDED[action], question)
    state = question_texts.STATES[question.state]
    return say(question_texts.ALREADY, number=str(question.number), state=state)


def _numbered(template: str, question: Question) -> Text:
    return say(template, number=str(question.number))
