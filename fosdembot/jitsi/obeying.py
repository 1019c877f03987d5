"""What people in a meeting tell the bot to do: it is read, one action is called, and what comes of
it is put into words.

The answer is a line in the transaction of the action, so neither is without the other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.deciding import Decided, Deciding
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.talks import TalkActions
from fosdembot.conference.meeting_lines import NewLine
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.roles import Role
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions.states import Action, State
from fosdembot.questions.views import QuestionView, Wanted, view_of
from fosdembot.settings import Settings
from fosdembot.talks.decisions import Decision
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import meetings as texts
from fosdembot.texts import questions as question_texts
from fosdembot.texts.render import Text, clean, say, sentences
from fosdembot.texts.words import count, end_time

from .hearing import Wish, Word, read
from .meeting import Kind, Participant, Said
from .meeting_talks import Talks
from .telling import HOLDS, Telling, question_line

FACE = "jitsi"
_LONGEST_PERSON = 120
_REFUSED_TO = {
    "owners": texts.NOT_YOU_OWNERS,
    "identified": texts.NOT_YOU_IDENTIFIED,
    "off": texts.NOT_YOU_OFF,
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is said of a wish, and the question that stands in it."""

    text: Text
    question: int | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A wish, the talk that is on, and where."""

    actor: Actor
    said: Said
    wish: Wish
    slot: StageSlot
    talks: Talks
    room: str
    """Its Matrix room (the id)."""

    @property
    def talk(self) -> str:
        return self.slot.talk.guid


@dataclass(frozen=True, slots=True)
class Obeying:
    """In one meeting."""

    telling: Telling
    deciding: Deciding
    talks: TalkActions
    answers: AnswerActions
    settings: Settings

    async def hear(self, session: WriteSession, said: Said, now: datetime) -> bool:
        """Do what somebody wants. Returns whether there is something to say."""
        lines, prefix = self.telling.lines, self.settings.command_prefix
        replied = await lines.by_stanza(session, said.reply_to) if said.reply_to else None
        is_reply = replied is not None and replied.question_id is not None
        wish = read(said.text, prefix, in_reply=is_reply)
        if wish is None:
            return False
        act, recipient = self._act(said), said.sender.id if said.is_private else None
        if not self._may(said.sender):
            if is_reply and wish.word is Word.ANSWER and not said.text.lstrip().startswith(prefix):
                return False  # People may talk about a question.
            refused = say(_REFUSED_TO[self.settings.jitsi.commands])
            line = NewLine(f"no/{said.sender.id}", refused.plain, now + HOLDS)
            return await lines.put(session, replace(line, recipient=said.sender.id), now)
        try:
            answer = await self._do(session, said, wish, act, now)
        except DoneBefore:
            return False
        talk = (await self.telling.talks(session, now)).on
        line = NewLine(
            f"re/{act}",
            answer.text.plain,
            now + HOLDS,
            talk.talk.guid if talk is not None else None,
            answer.question,
            recipient,
        )
        return await lines.put(session, line, now)

    def _may(self, sender: Participant) -> bool:
        if sender.kind is not Kind.PERSON:
            return False
        match self.settings.jitsi.commands:
            case "owners":
                return sender.is_owner
            case "identified":
                return sender.identity is not None
        return False

    def _act(self, said: Said) -> str:
        """The id of what somebody said, among all meetings. Ids of messages are whatever their
        senders like."""
        told = repr((str(self.telling.meeting), said.sender.id, said.id))
        return hashlib.blake2b(told.encode(), digest_size=20).hexdigest()

    async def _do(
        self, session: WriteSession, said: Said, wish: Wish, act: str, now: datetime
    ) -> _Answer:
        if wish.word is Word.HELP:
            return _Answer(self._say(texts.HELP))
        talks = await self.telling.talks(session, now)
        slot = talks.on
        if slot is None:
            several = len(talks.stage.on) > 1
            return _Answer(self._say(texts.WHICH_TALK if several else texts.NO_TALK))
        room = await room_at(session, talks.addresses[slot.talk.guid])
        if room is None:
            return _Answer(self._say(texts.CANNOT))
        # Who moderates the meeting may do what the speaker may; and delay the talk.
        role = Role.MODERATOR if wish.word is Word.LATE else Role.SPEAKER
        actor = Actor(_person(said.sender), vouched=role, face=FACE, act=act, at=now, now=now)
        case = _Case(actor, said, wish, slot, talks, room)
        try:
            async with session.part():
                return await self._act_on(session, case)
        except Refused as refused:
            return _Answer(self._refusal(refused))

    async def _act_on(self, session: WriteSession, case: _Case) -> _Answer:
        match case.wish.word:
            case Word.NEXT:
                return await self._next(session, case)
            case Word.DONE:
                return await self._decide_current(session, case, Action.DONE, texts.DONE)
            case Word.SKIP:
                return await self._decide_current(session, case, Action.SKIP, texts.SKIPPED)
            case Word.STAR:
                return await self._star(session, case)
            case Word.LATE:
                return await self._delay(session, case)
            case Word.ANSWER:
                return await self._answer(session, case)
        return await self._top(session, case)

    async def _next(self, session: WriteSession, case: _Case) -> _Answer:
        """Done with this one, take the next."""
        taken = await self._unless(Denial.NOTHING_WAITS, session, case, Action.TAKE)
        if taken is not None:
            template = texts.TAKEN if taken.changed else texts.TAKEN_ALREADY
            view = view_of(taken.question)
            return _Answer(say(template, question=question_line(view)), view.id)
        done = await self._unless(Denial.NONE_ANSWERING, session, case, Action.DONE)
        if done is None:
            return _Answer(say(texts.NO_MORE))
        said = self._decided(done.question, texts.DONE)
        return _Answer(sentences([said, say(texts.NO_MORE)]))

    async def _unless(
        self, why: Denial, session: WriteSession, case: _Case, action: Action
    ) -> Decided | None:
        """Does it; None where it is refused for this reason."""
        try:
            return await self._current(session, case, action)
        except Refused as refused:
            if refused.why is not why:
                raise
        return None

    async def _current(self, session: WriteSession, case: _Case, action: Action) -> Decided:
        decide = self.deciding.decide_current
        return await decide(session, case.actor, case.room, action, case.talk)

    async def _decide_current(
        self, session: WriteSession, case: _Case, action: Action, template: str
    ) -> _Answer:
        decided = await self._current(session, case, action)
        return await self._and_next(session, case, self._decided(decided.question, template))

    def _decided(self, question: Question, template: str) -> Text:
        return say(template, number=str(question.number))

    async def _and_next(self, session: AsyncSession, case: _Case, said: Text) -> _Answer:
        """What was done, and which question comes next."""
        top = await self._best(session, case)
        if top is None:
            return _Answer(sentences([said, say(texts.NO_MORE)]))
        following = say(texts.NEXT, question=question_line(top))
        return _Answer(sentences([said, following]), top.id)

    async def _best(self, session: AsyncSession, case: _Case) -> QuestionView | None:
        view = await self.telling.views.questions(session, case.talk, Wanted(waiting=1))
        return next(iter(view.waiting.entries), None)

    async def _star(self, session: WriteSession, case: _Case) -> _Answer:
        number = case.wish.number
        if number is None:
            return _Answer(self._say(texts.NO_NUMBER))
        question = await self.telling.views.numbered(session, case.room, number)
        hidden = (State.PENDING, State.DISMISSED, State.WITHDRAWN)
        if question is None or question.talk != case.talk or question.state in hidden:
            return _Answer(say(texts.NO_SUCH_NUMBER, number=str(number)))
        await self.deciding.decide(session, case.actor, question, Action.STAR)
        return _Answer(say(texts.STARRED, number=str(number)))

    async def _delay(self, session: WriteSession, case: _Case) -> _Answer:
        minutes = case.wish.number
        if minutes is None:
            return _Answer(self._say(texts.NO_MINUTES))
        address = case.talks.addresses[case.talk]
        decided = await self.talks.change(
            session, case.actor, address, Decision.DELAY, case.talk, minutes=minutes
        )
        if decided is None:
            return _Answer(say(texts.LATE_NOT))
        slot = next(slot for slot in decided.after.slots if slot.talk.guid == case.talk)
        end = end_time(slot.start, slot.end, self.telling.programme.zone)
        return _Answer(say(texts.LATE, minutes=count(minutes, "minute"), end=end))

    async def _answer(self, session: WriteSession, case: _Case) -> _Answer:
        if not case.wish.text:
            return _Answer(self._say(texts.NO_TEXT))
        lines = self.telling.lines
        reply_to = case.said.reply_to
        line = await lines.by_stanza(session, reply_to) if reply_to else None
        if line is None or line.question_id is None:
            line = await lines.shown(session, case.talk)
        question = await session.get(Question, line.question_id) if line is not None else None
        if question is None or question.talk not in case.talks.addresses:
            return _Answer(self._say(texts.NONE_ANSWERING))
        name = case.said.sender.name
        await self.answers.answer_afterwards(session, case.actor, question, case.wish.text, name)
        said = say(texts.ANSWERED, number=str(question.number))
        return await self._and_next(session, case, said)

    async def _top(self, session: WriteSession, case: _Case) -> _Answer:
        view = await self.telling.views.questions(session, case.talk, Wanted(waiting=1))
        top = next(iter(view.waiting.entries), None)
        if top is None:
            return _Answer(say(texts.TOP_NONE))
        left = view.waiting.total - 1
        said = [question_line(top)]
        if left:
            said.append(say(texts.MORE, questions=count(left, "more question")))
        return _Answer(sentences(said), top.id)

    def _refusal(self, refused: Refused) -> Text:
        question = refused.question
        match refused.why:
            case Denial.NONE_ANSWERING:
                return self._say(texts.NONE_ANSWERING)
            case Denial.NOTHING_WAITS:
                return say(texts.NO_MORE)
            case Denial.ANSWER_EMPTY:
                return self._say(texts.NO_TEXT)
            case Denial.ANSWERS_FULL if question is not None:
                return say(
                    texts.ANSWERS_FULL, number=str(question.number), most=str(refused.number)
                )
        if question is not None:
            state = question_texts.STATES[question.state]
            return say(texts.ALREADY, number=str(question.number), state=state)
        return say(texts.CANNOT)

    def _say(self, template: str) -> Text:
        return say(template, p=self.settings.command_prefix)


def _person(sender: Participant) -> str:
    """By what the desk knows somebody of a meeting: nobody's Matrix id."""
    name = clean(sender.identity or sender.name, _LONGEST_PERSON) or sender.id
    return f"{FACE}:{name}"
