"""What messages said before they were edited: an edit that is redacted brings that back
(Client-Server API, "Event replacements": what is redacted is not an edit any more).

Kept of messages that meant something to the bot, until they are redacted; of others that
answer a question, to which they do.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.incoming import Content, Edit, Message, Redaction
from fosdembot.chat.reading.events import content_of, to_json
from fosdembot.chat.relating import may_take_out
from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Version
from fosdembot.db.tables import SeenEvent
from fosdembot.questions import lookup

# Made once: to make them takes longer than to execute them.
_NEW = Prepared(insert(table_of(Version)))
_BY_EVENT = Prepared(select(Version.id).where(Version.event_id == bindparam("event")))
_NEWEST = Prepared(
    select(Version.id)
    .where(Version.original == bindparam("original"))
    .order_by(Version.id.desc())
    .limit(1)
)


async def keep(session: WriteSession, message: Message, *, mattered: bool) -> None:
    """A message, or an edit of one, took effect; `mattered`: it meant something to the bot.
    An edit of what meant something does in any case."""
    event_id = message.event_id
    if not isinstance(message, Edit):
        if mattered:
            await put(session, event_id, event_id, message.content)
        else:
            await _keep_reply(session, message)
    elif await _is_by(session, message.original, message.sender) and (
        mattered or await _said_something(session, message.original)
    ):
        await put(session, event_id, message.original, message.content)


async def _keep_reply(session: WriteSession, message: Message) -> None:
    """Of chat in reply to a question only that: its edit may be a vote or a command."""
    to = message.reply_to
    if to is not None and await lookup.by_event(session, to) is not None:
        relation = Content(reply_to=to, thread=message.thread)
        await put(session, message.event_id, message.event_id, relation)


async def _said_something(session: AsyncSession, original: str) -> bool:
    before = await newest(session, original)
    return before is not None and says(before).body is not None


async def put(session: WriteSession, event_id: str, original: str, content: Content) -> None:
    """What the message `original` says since `event_id`, which is the message or an edit."""
    if not await _BY_EVENT.find(session, {"event": event_id}):
        row = {"event_id": event_id, "original": original, "content": to_json(content)}
        await _NEW.do(session, row)


async def find(session: AsyncSession, event_id: str) -> Version | None:
    return await _BY_EVENT.row(session, Version, {"event": event_id})


async def newest(session: AsyncSession, original: str) -> Version | None:
    """What a message says now."""
    return await _NEWEST.row(session, Version, {"original": original})


def says(version: Version) -> Content:
    return content_of(version.content)


async def reply_of(session: AsyncSession, original: str) -> str | None:
    """The event that a message answers, which its edits do not repeat."""
    version = await find(session, original)
    return says(version).reply_to if version is not None else None


async def with_reply(session: AsyncSession, message: Message) -> Message:
    """An edit as an answer to what its message answers; any other message as it is."""
    if not isinstance(message, Edit) or message.reply_to is not None:
        return message
    return replace(message, reply_to=await reply_of(session, message.original))


async def forget_redacted(session: WriteSession, redaction: Redaction) -> None:
    """A message is redacted, perhaps, and all its edits with it; also where it meant nothing
    itself."""
    target = redaction.target
    if await may_take_out(session, redaction.room, redaction.sender, target):
        await session.execute(delete(Version).where(Version.original == target))


async def _is_by(session: AsyncSession, original: str, sender: str) -> bool:
    """Homeservers let anybody send an edit; it counts only from whoever wrote the message."""
    seen = await session.get(SeenEvent, original)
    return seen is not None and seen.sender == sender
