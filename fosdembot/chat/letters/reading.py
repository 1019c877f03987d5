"""Reads what somebody writes in a direct chat who was written a letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from fosdembot.chat.command import Place
from fosdembot.chat.incoming import Edit, Message
from fosdembot.chat.places import Places
from fosdembot.chat.reading.parser import command_in
from fosdembot.conference.letter_chats import letter_key
from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Letter
from fosdembot.db.tables import Outgoing, SeenEvent
from fosdembot.matrix.outbox import Outbox
from fosdembot.questions import answers, lookup

_WRITTEN = Prepared(
    select(Letter.talk)
    .where(Letter.person == bindparam("person"), Letter.state != "wanted")
    .limit(1)
)
"""Of letters to somebody. Most people have none."""

_ANSWER = "answer"
_BEFORE_NUMBER = re.compile(
    r"\A\s*(?:answer(?: to)?\s+)?(?:question|answer|number|no\.?|nr\.?)\s*"
    r"(?=#?\d{1,9}\s*[:：.,;)–—-](?!\d))",
    re.IGNORECASE,
)
"""What people put before the number of a question, behind which a mark shows that it is one."""


@dataclass(frozen=True, slots=True)
class LetterReply:
    """What somebody wrote who was written a letter."""

    session: WriteSession
    chat: str
    sender: str
    origin: str
    """The message; of an edit, the one that says this now."""
    is_edit: bool
    at: datetime
    text: str
    letters: Sequence[Letter]
    about: Letter | None
    """The letter that it is a reply to."""

    @property
    def open(self) -> list[Letter]:
        return [letter for letter in self.letters if self.at < letter.closes]


class LetterReader:
    def __init__(self, places: Places, outbox: Outbox, prefix: str) -> None:
        self._places = places
        self._outbox = outbox
        self._prefix = prefix

    async def read(self, session: WriteSession, message: Message) -> LetterReply | None:
        """None for what is a command, or of no concern to a letter."""
        room, sender, said = message.room, message.sender, message.said
        if said is None or await self._places.of(session, room) is not Place.DIRECT:
            return None
        if not await _WRITTEN.find(session, {"person": sender}):
            return None
        found = select(Letter).where(Letter.person == sender, Letter.state != "wanted")
        letters = (await session.scalars(found.order_by(Letter.talk))).all()
        is_open = any(message.at < letter.closes for letter in letters)
        text = self._answer(said.text, is_open)
        is_relayed = said.nick is not None
        if not letters or is_relayed or text is None:
            return None
        original = message.original if isinstance(message, Edit) else None
        if original is not None and not await _is_own(session, room, sender, original):
            return None
        return LetterReply(
            session=session,
            chat=room,
            sender=sender,
            origin=original or message.event_id,
            is_edit=original is not None,
            at=message.at,
            text=text,
            letters=letters,
            about=await self._about(session, letters, message.reply_to),
        )

    def _answer(self, text: str, is_open: bool) -> str | None:
        """What somebody wrote, from the number of the question on; None for a command. While a
        letter can be answered, `!answer` is none here."""
        call = command_in(text, self._prefix, ())
        if call is not None:
            return call.text if is_open and call.word == _ANSWER else None
        return _BEFORE_NUMBER.sub("", text, count=1) if is_open else text

    async def _about(
        self, session: WriteSession, letters: Sequence[Letter], event: str | None
    ) -> Letter | None:
        ours = select(Outgoing.key).where(Outgoing.event_id == event)
        key = await session.scalar(ours.limit(1)) if event is not None else None
        for letter in letters:
            if key and key.startswith(letter_key(self._outbox, letter.talk, letter.person)):
                return letter
        return None


async def _is_own(session: WriteSession, room: str, sender: str, original: str) -> bool:
    """Whether a message that is edited is the sender's own, and asked no question."""
    seen = await session.get(SeenEvent, original)
    if seen is None:
        # Long ago, it was an answer.
        answer = await answers.by_cause(session, original)
        return answer is not None and answer.author == sender
    own = seen.room_id == room and seen.sender in (None, sender)
    return own and await lookup.by_source(session, original) is None
