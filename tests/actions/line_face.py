"""A face in a few lines, for terminals: `ask TEXT`, `vote 3`, `list`, `next`. It reads a line,
calls one action or the room view, and puts what comes back into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fosdembot.actions.actor import Actor
from fosdembot.actions.asking import Ask, Asking
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Refused
from fosdembot.actions.voting import Voting
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database, WriteSession
from fosdembot.questions.states import Action
from fosdembot.questions.views import QuestionView, Wanted


@dataclass(frozen=True)
class LineFace:
    database: Database
    views: RoomViews
    asking: Asking
    voting: Voting
    deciding: Deciding
    now: Callable[[], datetime]
    room: str

    async def say(self, person: str, id_: str, line: str) -> str:
        """What somebody is answered who typed `line`. `id_`: of this line, and of no other."""
        now = self.now()
        actor = Actor(person, act=id_, at=now, now=now, face="lines")
        word, _, rest = line.partition(" ")
        try:
            async with self.database.write() as session:
                return await self._do(session, actor, word, rest.strip())
        except DoneBefore as done:
            return f"{done.question.number} {done.question.state} already" if done.question else ""
        except Refused as refused:
            return f"no: {refused.why}"

    async def _do(self, session: WriteSession, actor: Actor, word: str, rest: str) -> str:
        match word:
            case "ask":
                ask = Ask(room=self.room, text=rest, name=actor.person)
                accepted = await self.asking.ask(session, actor, ask)
                return f"{accepted.question.number} asked"
            case "vote" if rest.isdecimal():
                question = await self.views.numbered(session, self.room, int(rest))
                if question is None:
                    return f"no: there is no question {rest}"
                await self.voting.vote(session, actor, question, private=True)
                return f"{rest} has {question.votes}"
            case "next":
                decided = await self.deciding.decide_current(session, actor, self.room, Action.TAKE)
                done = "answering" if decided.changed else "answering already"
                return f"{decided.question.number} {done}"
            case "list":
                return await self._list(session, actor.at)
        return "no: ask TEXT, vote NUMBER, next, list"

    async def _list(self, session: WriteSession, at: datetime) -> str:
        talks = await self.views.stage_of_room(session, self.room, at)
        view = await self.views.room(session, talks, self.room, Wanted(waiting=10))
        return "\n".join(
            line
            for talk in view.current.entries
            for line in [talk.slot.talk.title, *map(_line, talk.questions.waiting.entries)]
        )


def _line(question: QuestionView) -> str:
    return f"{question.number} {question.state} {question.votes} {question.text}"
