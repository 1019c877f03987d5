"""What becomes of a message that is marked with ❓: a question, if it may be one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import CHAT, Actor, Who
from fosdembot.actions.asking import Ask
from fosdembot.actions.editing import Editing
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Refused
from fosdembot.chat.command import Declined
from fosdembot.chat.edits import versions
from fosdembot.chat.intake import Intake, replied
from fosdembot.chat.reading.message import ASK
from fosdembot.chat.relating import within_its_room
from fosdembot.chat.router import Router
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Proposal, Question
from fosdembot.matrix.api import Json
from fosdembot.matrix.members import display_name
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.relations import (
    new_content,
    newest_content,
    newest_edit,
    replied_to,
    thread_root,
)
from fosdembot.questions import lookup
from fosdembot.settings import Settings
from fosdembot.texts.render import Text, clean
from fosdembot.texts.words import LONGEST_NAME


@dataclass(frozen=True, slots=True)
class MarkedMessages:
    _router: Router
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
        read = await self._read(session, proposal, event)
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
            told = self._router.refusals.say(refused)
        else:
            await _keep_versions(session, proposal.event_id, event)
        if told is not None:
            cause, to = proposal.reaction, proposal.event_id
            thread = thread_root(event["content"])
            room = proposal.room_id
            await self._router.replies.reply(session, room, cause, told, to=to, thread=thread)

    async def _again(
        self, session: WriteSession, proposal: Proposal, question: Question, text: str
    ) -> None:
        """❓ on what was a question before. Raises `Refused`."""
        mark, at = proposal.reaction, proposal.at
        actor = Actor(proposal.person, face=CHAT, act=mark, at=at, now=at)
        await self._editing.ask_again(session, actor, question, text, mark)

    async def _read(
        self, session: WriteSession, proposal: Proposal, event: Json
    ) -> tuple[Actor, Ask] | None:
        """Who asks by the message, and what; None for what is no message of a person, or
        redacted, and where whoever reacted may not."""
        room, author, content = proposal.room_id, event.get("sender"), newest_content(event)
        if content is None or not isinstance(author, str):
            return None
        message = self._router.messages.message(author, content)
        if message is None or event.get("room_id", room) != room:
            return None
        if not await self.may(session, room, proposal.person, author):
            return None
        # What it answers may stand in another room, where it counts for nothing.
        within = await within_its_room(session, room, {**event, "event_id": proposal.event_id})
        call = await self._router.call(session, room, {**event, "content": content})
        if call is not None and call.word in ASK:
            nick, text = call.nick, call.text
        elif is_bridged_by([author], self._settings.questions.relays):
            nick, text = message.nick, message.text
        else:
            nick, text = None, message.whole
        name = clean(nick or "", LONGEST_NAME) or await display_name(session, room, author)
        marks, vouches = Who(proposal.person), Permission.ASK_WITHOUT_APPROVAL
        reply_to = replied_to(within["content"]) if within is not None else None
        ask = Ask(
            room=room,
            text=text,
            name=name,
            reply_to=await replied(session, reply_to),
            marked=proposal.reaction,
            vouched=await self._access.allows(session, marks, vouches, room),
        )
        at, relayed = proposal.at, nick is not None
        return Actor(author, relayed, face=CHAT, act=proposal.event_id, at=at, now=at), ask


async def _keep_versions(session: WriteSession, event_id: str, event: Json) -> None:
    """The message said nothing to the bot until it was made a question."""
    await versions.put(session, event_id, event_id, event["content"])
    edit = newest_edit(event)
    if edit is not None and isinstance(edit.get("event_id"), str):
        await versions.put(session, edit["event_id"], event_id, new_content(edit["content"]))
