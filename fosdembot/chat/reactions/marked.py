"""What becomes of a message that is marked with ❓: a question, if it may be one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import CHAT, Actor, Who
from fosdembot.actions.asking import Ask
from fosdembot.actions.editing import Editing
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Refused
from fosdembot.chat.command import Declined
from fosdembot.chat.edits import versions
from fosdembot.chat.incoming import Fetched, Message
from fosdembot.chat.intake import Intake, replied
from fosdembot.chat.reading.events import EventReader
from fosdembot.chat.reading.message import ASK
from fosdembot.chat.relating import are_elsewhere
from fosdembot.chat.runner import CommandRunner
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Proposal, Question
from fosdembot.matrix.api import Json
from fosdembot.matrix.members import display_name
from fosdembot.matrix.power import is_bridged_by
from fosdembot.questions import lookup
from fosdembot.settings import Settings
from fosdembot.texts.render import Text, clean
from fosdembot.texts.words import LONGEST_NAME


@dataclass(frozen=True, slots=True)
class MarkedMessages:
    _reader: EventReader
    _runner: CommandRunner
    _intake: Intake
    _editing: Editing
    _access: Access
    _settings: Settings
    _user_id: str
    """The bot's own."""

    async def may(self, session: AsyncSession, room: str, person: str, author: str) -> bool:
        """Whether `person` may make a question of what `author` wrote."""
        who = self._settings.questions.ask_by_reaction
        if author == self._user_id:
            return False
        if who == "nobody" or is_bridged_by([person], self._settings.questions.relays):
            return False
        if who == "anybody" or person == author:
            return True
        return await self._access.allows(session, Who(person), Permission.PROPOSE, room)

    async def take(self, session: WriteSession, proposal: Proposal, event: Json) -> None:
        """Make a question of the message `event`, and say in reply to it what its author is to
        be told."""
        room, at = proposal.room_id, proposal.at
        fetched = self._reader.fetched(room, proposal.event_id, at, event)
        if fetched is None:
            return
        if await are_elsewhere(session, room, fetched.mentions):
            # What it answers stands in another room, where it counts for nothing.
            alone = replace(fetched.message, reply_to=None)
            fetched = replace(fetched, message=alone)
        read = await self._read(session, proposal, fetched.message)
        if read is None:
            return
        author, ask = read
        question = await lookup.by_source(session, proposal.event_id)
        told: Text | None = None
        try:
            if question is None:
                told = await self._intake.take(session, author, ask)
            else:
                await self._again(session, proposal, question, ask.text)
        except Declined as declined:
            told = declined.answer
        except Refused as refused:
            told = self._runner.refusals.say(refused)
        else:
            await _keep_versions(session, fetched)
        if told is not None:
            cause, to, thread = proposal.reaction, proposal.event_id, fetched.message.thread
            await self._runner.replies.reply(session, room, cause, told, to=to, thread=thread)

    async def _again(
        self, session: WriteSession, proposal: Proposal, question: Question, text: str
    ) -> None:
        """❓ on what was a question before. Raises `Refused`."""
        mark, at = proposal.reaction, proposal.at
        actor = Actor(proposal.person, face=CHAT, act=mark, at=at, now=at)
        await self._editing.ask_again(session, actor, question, text, mark)

    async def _read(
        self, session: WriteSession, proposal: Proposal, message: Message
    ) -> tuple[Actor, Ask] | None:
        """Who asks by the message, and what; None for what has no words of a person, and where
        whoever reacted may not."""
        room, author, said = message.room, message.sender, message.said
        if said is None or not await self.may(session, room, proposal.person, author):
            return None
        call = await self._runner.call(session, message)
        if call is not None and call.word in ASK:
            nick, text = call.nick, call.text
        elif is_bridged_by([author], self._settings.questions.relays):
            nick, text = said.nick, said.text
        else:
            nick, text = None, said.whole
        name = clean(nick or "", LONGEST_NAME) or await display_name(session, room, author)
        marks, vouches = Who(proposal.person), Permission.ASK_WITHOUT_APPROVAL
        ask = Ask(
            room=room,
            text=text,
            name=name,
            reply_to=await replied(session, message.reply_to),
            marked=proposal.reaction,
            vouched=await self._access.allows(session, marks, vouches, room),
        )
        at, relayed = proposal.at, nick is not None
        return Actor(author, relayed, face=CHAT, act=proposal.event_id, at=at, now=at), ask


async def _keep_versions(session: WriteSession, fetched: Fetched) -> None:
    """The message said nothing to the bot until it was made a question."""
    message = fetched.message.event_id
    await versions.put(session, message, message, fetched.first)
    if fetched.edit is not None:
        await versions.put(session, fetched.edit, message, fetched.message.content)
