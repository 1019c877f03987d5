"""What people in a meeting tell the bot to do: whose words count, and which talk is meant. What
is done for them: `wishes.py`.

The answer is a line in the transaction of the action, so neither is without the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fosdembot.actions.actor import Actor
from fosdembot.actions.once import DoneBefore
from fosdembot.conference.meeting_lines import LineKind, NewLine
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.roles import Role
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.settings import Settings
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import meetings as texts
from fosdembot.texts.render import clean, say

from .hearing import Wish, Word, read
from .meeting import Kind, Participant, Said
from .meeting_talks import Talks
from .telling import Telling
from .wishes import Answer, Case, Wishes

FACE = "jitsi"
HOLDS = timedelta(minutes=5)
"""Later an answer is no help to who asked."""
MOST_WAITING = {LineKind.ANSWER: 20, LineKind.REFUSAL: 10}
"""Lines that may wait to be said: one leaves a second. Whoever types faster is obeyed, but not
answered; of many who may not, some are told so."""
_LONGEST_PERSON = 120
_REFUSED_TO = {
    "owners": texts.NOT_YOU_OWNERS,
    "identified": texts.NOT_YOU_IDENTIFIED,
    "off": texts.NOT_YOU_OFF,
}


@dataclass(frozen=True, slots=True)
class Obeying:
    """In one meeting."""

    telling: Telling
    wishes: Wishes
    settings: Settings

    def concerns(self, said: Said) -> bool:
        """Whether it may be meant for the bot. Of what people say to each other, the database
        hears nothing."""
        if said.sender.kind is not Kind.PERSON:
            return False
        in_reply = said.reply_to is not None
        return read(said.text, self.settings.command_prefix, in_reply=in_reply) is not None

    async def hear(self, session: WriteSession, said: Said, now: datetime) -> bool:
        """Do what somebody wants. Returns whether there is something to say."""
        if not self.concerns(said):
            return False
        question = await self._replied_to(session, said)
        wish = read(said.text, self.settings.command_prefix, in_reply=question is not None)
        if wish is None:
            return False
        if not self._may(said.sender):
            # Others may talk about a question.
            return wish.is_typed and await self._refuse(session, said.sender, now)
        act, lines = self._act(said), self.telling.lines
        try:
            answer = await self._do(session, said, wish, question, act, now)
        except DoneBefore:
            return False
        if answer is None or await self._is_full(session, LineKind.ANSWER):
            return False
        recipient = said.sender.id if said.is_private else None
        line = NewLine(
            f"re/{act}",
            answer.text.plain,
            now + HOLDS,
            LineKind.ANSWER,
            answer.talk,
            answer.question,
            answer.shows,
            recipient,
        )
        return await lines.put(session, line, now)

    async def _replied_to(self, session: WriteSession, said: Said) -> Question | None:
        """The question in the line of ours that it answers."""
        if said.reply_to is None:
            return None
        line = await self.telling.lines.by_stanza(session, said.reply_to)
        if line is None or line.question_id is None:
            return None
        return await session.get(Question, line.question_id)

    def _may(self, sender: Participant) -> bool:
        match self.settings.jitsi.commands:
            case "owners":
                return sender.is_owner
            case "identified":
                return sender.identity is not None
        return False

    async def _refuse(self, session: WriteSession, sender: Participant, now: datetime) -> bool:
        """Once, and only to them."""
        if await self._is_full(session, LineKind.REFUSAL):
            return False
        words = say(_REFUSED_TO[self.settings.jitsi.commands]).plain
        line = NewLine(f"no/{sender.id}", words, now + HOLDS, LineKind.REFUSAL, recipient=sender.id)
        return await self.telling.lines.put(session, line, now)

    async def _is_full(self, session: WriteSession, kind: LineKind) -> bool:
        return await self.telling.lines.waiting(session, kind) >= MOST_WAITING[kind]

    def _act(self, said: Said) -> str:
        """The id of what somebody said, among all meetings. Ids of messages are whatever their
        senders like."""
        told = repr((str(self.telling.meeting), said.sender.id, said.id))
        return hashlib.blake2b(told.encode(errors="replace"), digest_size=20).hexdigest()

    async def _do(
        self,
        session: WriteSession,
        said: Said,
        wish: Wish,
        question: Question | None,
        act: str,
        now: datetime,
    ) -> Answer | None:
        if wish.word is Word.HELP:
            return Answer(self.wishes.words(texts.HELP))
        talks = await self.telling.talks(session, now)
        slots = self._meant(talks, wish, question)
        if len(slots) != 1:
            return Answer(say(texts.WHICH_TALK if slots else texts.NO_TALK))
        [slot] = slots
        address = talks.addresses[slot.talk.guid]
        room = await room_at(session, address)
        if room is None:
            return Answer(say(texts.CANNOT))
        # Who moderates the meeting may do what the speaker may; and delay the talk.
        role = Role.MODERATOR if wish.word is Word.LATE else Role.SPEAKER
        actor = Actor(_person(said.sender), vouched=role, face=FACE, act=act, at=now, now=now)
        if question is not None and question.talk == slot.talk.guid:
            wish = _about(question, wish)
        name = said.sender.name or texts.SOMEBODY
        case = Case(actor, wish, slot, address, room, name, said.is_private, talks.stage)
        if wish.word is Word.ANSWER and question is not None:
            return await self.wishes.answer_in_writing(session, case, question)
        return await self.wishes.fulfil(session, case)

    def _meant(self, talks: Talks, wish: Wish, question: Question | None) -> Sequence[StageSlot]:
        """The talk that it is about, or all that it may be about."""
        if wish.word is Word.ANSWER and question is not None:
            # It names its question, so the talk may be over.
            slot = talks.stage.of(question.talk)
            return (slot,) if slot is not None else ()
        if wish.word is Word.LATE:
            return talks.delayed(timedelta(minutes=self.settings.jitsi.before_minutes))
        return talks.commanded


def _about(question: Question, wish: Wish) -> Wish:
    """What is typed in reply to a question without a number is about that one; but for the next
    one."""
    names_none = wish.number is None and not wish.is_unclear
    if wish.word in (Word.DONE, Word.SKIP, Word.STAR) and names_none:
        return replace(wish, number=question.number)
    return wish


def _person(sender: Participant) -> str:
    """By what the desk knows somebody of a meeting: nobody's Matrix id."""
    name = clean(sender.identity or sender.name, _LONGEST_PERSON)
    # Also what joins letters and emoji is not of an id.
    name = "".join(char for char in name if char.isprintable())
    return f"{FACE}:{name or sender.id}"
