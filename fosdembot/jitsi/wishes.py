"""What is done for what people in a meeting want: one action is called, and what comes of it is
put into words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.deciding import Decided, Deciding
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.talks import TalkActions
from fosdembot.conference.meeting_lines import Shows
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action, State
from fosdembot.questions.views import QuestionView, Wanted, view_of
from fosdembot.talks import delays
from fosdembot.talks.decisions import Decision
from fosdembot.talks.room_talks import StageTalks
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import meetings as texts
from fosdembot.texts import questions as question_texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import count, end_time

from .hearing import Wish, Word
from .showing import shows
from .telling import Telling, question_line, times_line

_ACTIONS = {Word.NEXT: Action.TAKE, Word.DONE: Action.DONE, Word.SKIP: Action.SKIP}
_SAID = {Action.DONE: texts.DONE, Action.SKIP: texts.SKIPPED, Action.STAR: texts.STARRED}
_NOT_THERE = (State.PENDING, State.DISMISSED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a wish, and what that tells of the talk's questions."""

    text: Text
    talk: str | None = None
    question: int | None = None
    shows: Shows | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A wish, the talk that it is about, and where."""

    actor: Actor
    wish: Wish
    slot: StageSlot
    address: str
    room: str
    """Its Matrix room (the id)."""
    name: str
    """What others call who wants it."""
    is_private: bool
    talks: StageTalks
    """Those of the meeting."""

    @property
    def talk(self) -> str:
        return self.slot.talk.guid


@dataclass(frozen=True, slots=True)
class Wishes:
    """In one meeting. `prefix`: of commands."""

    telling: Telling
    deciding: Deciding
    talks: TalkActions
    answers: AnswerActions
    prefix: str

    async def fulfil(self, session: WriteSession, case: Case) -> Answer | None:
        """None: all in the meeting see already what came of it."""
        try:
            async with session.part():
                return await self._do(session, case)
        except Refused as refused:
            return Answer(self._refusal(refused))

    async def answer_in_writing(
        self, session: WriteSession, case: Case, question: Question
    ) -> Answer:
        """Keep a short written answer, which closes the question."""
        if not case.wish.text:
            return Answer(self.words(texts.NO_TEXT))
        try:
            async with session.part():
                await self.answers.answer_afterwards(
                    session, case.actor, question, case.wish.text, case.name
                )
        except Refused as refused:
            return Answer(self._refusal(refused))
        said = say(texts.ANSWERED, number=str(question.number))
        if case.actor.now >= case.slot.end or question.talk != case.talk:
            return Answer(said)
        return await self._and_next(session, case, said, question)

    def words(self, template: str) -> Text:
        return say(template, p=self.prefix)

    async def _do(self, session: WriteSession, case: Case) -> Answer | None:
        match case.wish.word:
            case Word.NEXT | Word.DONE | Word.SKIP if case.wish.is_unclear:
                return self._which(case)
            case Word.NEXT | Word.DONE | Word.SKIP if case.wish.number is not None:
                return await self._numbered(session, case, _ACTIONS[case.wish.word])
            case Word.NEXT:
                return await self._next(session, case)
            case Word.DONE:
                return await self._done(session, case)
            case Word.SKIP:
                return await self._current(session, case, Action.SKIP)
            case Word.STAR:
                if case.wish.number is None:
                    return self._which(case)
                return await self._numbered(session, case, Action.STAR)
            case Word.LATE:
                return await self._delay(session, case)
            case Word.ANSWER:
                return await self._answer(session, case)
        return await self._top(session, case)

    def _which(self, case: Case) -> Answer:
        return Answer(say(texts.NO_NUMBER, p=self.prefix, word=case.wish.word.value))

    # Questions that are decided on.

    async def _next(self, session: WriteSession, case: Case) -> Answer | None:
        """Done with this one, take the next."""
        taken = await self._unless(Denial.NOTHING_WAITS, session, case, Action.TAKE)
        if taken is not None:
            return await self._taken(session, case, taken.question, is_new=bool(taken.changed))
        done = await self._unless(Denial.NONE_ANSWERING, session, case, Action.DONE)
        closed = done.question if done is not None else await self._close_still(session, case)
        said = [] if closed is None else [self._number(texts.DONE, closed)]
        return Answer(sentences([*said, say(texts.NO_MORE)]), case.talk, shows=Shows.NONE)

    async def _done(self, session: WriteSession, case: Case) -> Answer:
        """With the one that is taken, also for the talk before; else with the one that was shown
        last, which people answer without taking it."""
        decided = await self._unless(Denial.NONE_ANSWERING, session, case, Action.DONE)
        if decided is not None:
            return await self._decided(session, case, decided.question, Action.DONE)
        if (closed := await self._close_still(session, case)) is not None:
            return Answer(self._number(texts.DONE, closed))
        told = await self.telling.told(session, case.talk)
        if told is None or told.question is None or not told.waits:
            return Answer(self.words(texts.NONE_ANSWERING))
        question = await session.get_one(Question, told.question)
        await self.deciding.decide(session, case.actor, question, Action.DONE)
        return await self._decided(session, case, question, Action.DONE)

    async def _numbered(self, session: WriteSession, case: Case, action: Action) -> Answer | None:
        number = case.wish.number or 0
        question = await self.telling.views.numbered(session, case.room, number)
        if question is not None and action is Action.DONE:
            still = await self._still(session, case)
            if still is not None and still.id == question.id:
                await self.deciding.decide(session, case.actor, question, action)
                return Answer(self._number(texts.DONE, question))
        if question is None or question.talk != case.talk or question.state in _NOT_THERE:
            return Answer(say(texts.NO_SUCH_NUMBER, number=str(number), p=self.prefix))
        changed = await self.deciding.decide(session, case.actor, question, action)
        if action is Action.TAKE:
            return await self._taken(session, case, question, is_new=bool(changed))
        if action is Action.STAR:
            return await self._starred(session, case, question)
        return await self._decided(session, case, question, action)

    async def _current(self, session: WriteSession, case: Case, action: Action) -> Answer:
        decide = self.deciding.decide_current
        decided = await decide(session, case.actor, case.room, action, case.talk)
        return await self._decided(session, case, decided.question, action)

    async def _unless(
        self, why: Denial, session: WriteSession, case: Case, action: Action
    ) -> Decided | None:
        """Does it; None where it is refused for this reason."""
        try:
            decide = self.deciding.decide_current
            return await decide(session, case.actor, case.room, action, case.talk)
        except Refused as refused:
            if refused.why is not why:
                raise
        return None

    async def _still(self, session: AsyncSession, case: Case) -> Question | None:
        """What the speaker of the talk before is answering, though the next one has begun."""
        still = await self.telling.views.still_answering(session, case.talks)
        return await session.get_one(Question, still.id) if still is not None else None

    async def _close_still(self, session: WriteSession, case: Case) -> Question | None:
        """The same, which is answered from now on."""
        question = await self._still(session, case)
        if question is not None:
            await self.deciding.decide(session, case.actor, question, Action.DONE)
        return question

    # What is said of it.

    async def _taken(
        self, session: AsyncSession, case: Case, question: Question, *, is_new: bool
    ) -> Answer | None:
        """Of two who take the next at once, the second sees what the first was told."""
        told = await self.telling.told(session, case.talk)
        is_seen = told is not None and told.is_readable and told.is_of(question.id, Shows.TAKEN)
        if is_seen and not (is_new or case.is_private):
            return None
        template = texts.TAKEN if is_new else texts.TAKEN_ALREADY
        return _showing(template, case, view_of(question), shows=Shows.TAKEN)

    async def _starred(self, session: AsyncSession, case: Case, question: Question) -> Answer:
        best = await self._best(session, case)
        if best is not None and best.id == question.id:
            return _showing(texts.NEXT, case, best)
        return Answer(self._number(texts.STARRED, question))

    async def _decided(
        self, session: AsyncSession, case: Case, question: Question, action: Action
    ) -> Answer:
        said = self._number(_SAID[action], question)
        return await self._and_next(session, case, said, question)

    async def _and_next(
        self, session: AsyncSession, case: Case, said: Text, question: Question
    ) -> Answer:
        """What was done, and which question comes next."""
        best = await self._best(session, case)
        if best is None:
            text = sentences([said, say(texts.NO_MORE)])
            return Answer(text, case.talk, shows=Shows.NONE)
        if best.id == question.id:
            return Answer(sentences([said, say(texts.NO_OTHER)]))
        template = texts.TAKEN if best.state is State.ANSWERING else texts.NEXT
        following = say(template, question=question_line(best))
        return Answer(sentences([said, following]), case.talk, best.id, shows(best))

    async def _best(self, session: AsyncSession, case: Case) -> QuestionView | None:
        view = await self.telling.views.questions(session, case.talk, Wanted(waiting=1))
        return next(iter(view.waiting.entries), None)

    async def _top(self, session: AsyncSession, case: Case) -> Answer:
        view = await self.telling.views.questions(session, case.talk, Wanted(waiting=1))
        top = next(iter(view.waiting.entries), None)
        if top is None:
            return Answer(say(texts.TOP_NONE), case.talk, shows=Shows.NONE)
        left = view.waiting.total - 1
        said = [question_line(top)]
        if left:
            said.append(say(texts.MORE, questions=count(left, "more question")))
        return Answer(sentences(said), case.talk, top.id, shows(top))

    async def _answer(self, session: WriteSession, case: Case) -> Answer:
        """To the question that is taken, also for the talk before; else to the one that was shown
        last."""
        best = await self._best(session, case)
        id_ = best.id if best is not None and best.state is State.ANSWERING else None
        if id_ is None and (still := await self._still(session, case)) is not None:
            return await self.answer_in_writing(session, case, still)
        if id_ is None:
            told = await self.telling.told(session, case.talk)
            id_ = told.question if told is not None else None
        question = await session.get(Question, id_) if id_ is not None else None
        if question is None or question.talk != case.talk:
            return Answer(self.words(texts.NONE_ANSWERING))
        return await self.answer_in_writing(session, case, question)

    # The talk.

    async def _delay(self, session: WriteSession, case: Case) -> Answer:
        minutes = case.wish.number
        if minutes is None:
            return Answer(self.words(texts.NO_MINUTES))
        decided = await self.talks.change(
            session, case.actor, case.address, Decision.DELAY, case.talk, minutes=minutes
        )
        if decided is None:
            return Answer(say(texts.LATE_NOT))
        slot = next(slot for slot in decided.after.slots if slot.talk.guid == case.talk)
        if not case.is_private:
            # All hear of the new times by the answer.
            lines = self.telling.lines
            before = await lines.told_times(session, case.talk)
            if before is not None:
                await lines.note_told(session, times_line(slot, before), case.actor.now)
        end = end_time(slot.start, slot.end, self.telling.programme.zone)
        if not minutes:
            return Answer(say(texts.ON_TIME, end=end))
        return Answer(say(texts.LATE, minutes=count(minutes, "minute"), end=end))

    # Refusals.

    def _refusal(self, refused: Refused) -> Text:
        question = refused.question
        match refused.why:
            case Denial.NONE_ANSWERING:
                return self.words(texts.NONE_ANSWERING)
            case Denial.NOTHING_WAITS:
                return say(texts.NO_MORE)
            case Denial.ANSWER_EMPTY:
                return self.words(texts.NO_TEXT)
            case delays.Refusal.MINUTES:
                return say(texts.LATE_MINUTES, most=delays.MOST_MINUTES)
            case delays.Refusal.WOULD_BE_OVER | delays.Refusal.OVER:
                return say(texts.LATE_OVER)
            case Denial.ANSWERS_FULL if question is not None:
                return say(
                    texts.ANSWERS_FULL, number=str(question.number), most=str(refused.number)
                )
        if question is not None and refused.why is Refusal.STATE:
            state = question_texts.STATES[question.state]
            return say(texts.ALREADY, number=str(question.number), state=state)
        return say(texts.CANNOT)

    def _number(self, template: str, question: Question) -> Text:
        return say(template, number=str(question.number))


def _showing(
    template: str, case: Case, question: QuestionView, shows: Shows = Shows.BEST
) -> Answer:
    return Answer(say(template, question=question_line(question)), case.talk, question.id, shows)
