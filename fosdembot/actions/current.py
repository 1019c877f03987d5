"""Which question somebody means who names none: the one that is being answered, or the best one
that waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.refused import Denial, Refused
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.questions import board, log
from fosdembot.questions.states import Action, State
from fosdembot.talks.room_talks import StageTalks

AT_ONCE = timedelta(seconds=5)
"""Two people who decide the same within this time did so without knowing of each other, each by
their own face perhaps."""


@dataclass(frozen=True, slots=True)
class CurrentQuestion:
    _views: RoomViews

    async def find(
        self,
        session: AsyncSession,
        room: str,
        actor: Actor,
        action: Action,
        talk: str | None = None,
    ) -> Question:
        """The question of a Matrix room (its id), or of one `talk` there (its guid), to which
        the actor wants to do `action`, as they saw the room then: to close, the one that is being
        answered; to take, the best of the others; else the best one. What was done to a question a
        moment ago is done to that one again, and not to a second. What a speaker is still answering
        though the next talk has begun can be closed, too. Raises `Refused`."""
        talks = None
        if talk is None:
            talks = await self._views.stage_of_room(session, room, actor.at)
            talk = _begun(talks)
        if action is Action.DONE:
            waiting = await board.in_state(session, talk, State.ANSWERING)
        else:
            waiting = await board.on_board(session, talk, 2)
        if action is Action.TAKE:
            waiting = [question for question in waiting if question.state != State.ANSWERING]
        # One that is being answered is closed, whatever was closed before.
        if action is not Action.DONE or not waiting:
            again = await _just_decided(session, talk, action, actor)
            if again is not None:
                return again
        if not waiting and action is Action.DONE and talks is not None:
            still = await self._views.still_answering(session, talks)
            if still is not None:
                return await session.get_one(Question, still.id)
        if not waiting:
            none = Denial.NONE_ANSWERING if action is Action.DONE else Denial.NOTHING_WAITS
            raise Refused(none)
        return waiting[0]


def _begun(talks: StageTalks) -> str:
    """The talk (its guid) that is on, or just over."""
    begun = [slot for slot in talks.current if slot.start <= talks.at]
    if not begun:
        raise Refused(Denial.NO_TALK_ON)
    if len(begun) > 1:
        raise Refused(Denial.SEVERAL_TALKS_ON)
    return begun[0].talk.guid


def is_again(last: QuestionLog | None, action: Action, actor: Actor) -> bool:
    """Whether the `last` decision was this `action`, so shortly before the actor did the same that
    it is done only once."""
    if last is None or last.action != action or last.acted_at is None:
        return False
    # Else the clock was set back, which says nothing about who knew of whom.
    return last.at <= actor.now and actor.at - last.acted_at < AT_ONCE


async def _just_decided(
    session: AsyncSession, talk: str, action: Action, actor: Actor
) -> Question | None:
    """The question to which this was done a moment ago."""
    last = await log.last_of_talk(session, talk)
    if last is None or not is_again(last, action, actor):
        return None
    return await session.get(Question, last.question_id)


async def approve_or_done(session: AsyncSession, question: Question, actor: Actor) -> Action:
    """What the actor means who says of a question no more than yes: approved, while it waits for a
    moderator; else answered."""
    if question.state == State.PENDING:
        return Action.APPROVE
    # Of two moderators who approve a question at once, none means that it is answered.
    last = await log.last_about(session, question)
    return Action.APPROVE if is_again(last, Action.APPROVE, actor) else Action.DONE
