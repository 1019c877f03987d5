"""How commands are answered: where, to which message, and each once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

from fosdembot.chat.command import Answer, Command, Listed, Place, Quietly
from fosdembot.chat.incoming import Edit, Message
from fosdembot.chat.reading.events import thread_of
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import RecentAnswer
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import LONGEST_NAME

REPEATS_WITHIN = timedelta(minutes=2)
_AMOUNTS = re.compile(r"[\d,]+ (?:minute|hour|day|vote)s?\b")
DONE = "✅"


@dataclass(frozen=True, slots=True)
class Replies:
    outbox: Outbox

    async def unless_repeated(
        self, command: Command, question: str, answer: Text | Listed
    ) -> Text | Listed:
        """The answer; only a pointer to it where the room got the same just before."""
        text = answer.text if isinstance(answer, Listed) else answer
        # "For 12 minutes more" and "for 11 minutes more" say the same.
        same = _AMOUNTS.sub("", text.plain)
        digest = hashlib.sha256(same.encode()).hexdigest()[:32]
        last = await command.session.get(RecentAnswer, (command.room, question))
        if last is None:
            last = RecentAnswer(room_id=command.room, question=question)
            command.session.add(last)
        elif command.now - last.at < REPEATS_WITHIN:
            said, _, event = last.answer.partition(" ")
            # Nobody is pointed to what was taken back before or after it was sent.
            stands = event and await self.outbox.unredacted(command.session, answer_key(event))
            if said == digest and stands:
                return say(texts.ANSWERED_ABOVE)
        last.at, last.answer = command.now, f"{digest} {command.answers}"
        return answer

    async def decline(self, session: WriteSession, message: Message, why: Text) -> None:
        """Say why a command has no effect; under another key than an answer's, so that an edit
        of it may have one (see `Router._origin`)."""
        reply_to = message.original if isinstance(message, Edit) else message.event_id
        content = notice(why, reply_to=reply_to, thread=await self.thread(session, message))
        key, room = declined_key(message.event_id), message.room
        await self.outbox.message(session, key, room, content, Urgency.ANSWER)

    async def thread(self, session: WriteSession, message: Message) -> str | None:
        """The root of the thread in which a message stands, so that its answer stands there as
        well. An edit does not say that: known is where what it edits was declined."""
        if not isinstance(message, Edit):
            return message.thread
        declined = await self.outbox.find(session, declined_key(message.original))
        return thread_of(declined.content) if declined is not None else None

    async def tell(self, command: Command, answer: Answer) -> None:
        """Answer a command: by a message in its thread, or quietly by the bot's ✅."""
        session, room, event = command.session, command.room, command.event_id
        if isinstance(answer, Quietly):
            sees_reactions = not (command.bridged or command.relayed)
            if command.place is Place.TALK_ROOM and sees_reactions:
                await self.outbox.react(session, answer_key(event), room, DONE, event_id=event)
                return
            answer = answer.text
        text = answer.text if isinstance(answer, Listed) else answer
        await self.reply(session, room, command.answers, text, to=event, thread=command.thread)
        if isinstance(answer, Listed):
            await answer.keep(answer_key(command.answers))

    async def reply(
        self,
        session: WriteSession,
        room: str,
        cause: str,
        text: Text,
        to: str | None = None,
        thread: str | None = None,
    ) -> None:
        """Answer an event, once: the `cause` (its id). The reply is `to` another event, if
        there is one, and in a `thread`, if it stands in one."""
        content = notice(text, reply_to=to or cause, thread=thread)
        await self.outbox.message(session, answer_key(cause), room, content, Urgency.ANSWER)


def named(command: Command, answer: Text) -> Text:
    """Behind a relay nobody sees to which message it replies."""
    name = clean(command.nick or "", LONGEST_NAME)
    return say(texts.TO_NAMED, name=name, answer=answer) if name else answer


def answer_key(event_id: str) -> str:
    """The key in the outbox of what a command was answered."""
    return f"answer/{event_id}"


def declined_key(event_id: str) -> str:
    """The same where it had no effect."""
    return f"declined/{event_id}"
