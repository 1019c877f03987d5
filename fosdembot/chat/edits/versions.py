"""What messages said before they were edited: an edit that is redacted brings that back
(Client-Server API, "Event replacements": what is redacted is not an edit any more).

Kept of messages that meant something to the bot, until they are redacted; of others that
answer a question, to which they do.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.relating import may_take_out
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Version
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.relations import (
    new_content,
    redacts,
    replaced,
    replied_to,
    thread_root,
)
from fosdembot.questions import lookup

_KEPT = ("msgtype", "body", "format", "formatted_body", "filename")
"""Of a content, what the bot reads."""


async def keep(session: WriteSession, event: Json, *, mattered: bool) -> None:
    """A message, or an edit of one, took effect; `mattered`: it meant something to the bot.
    An edit of what meant something does in any case."""
    content, event_id = event["content"], event["event_id"]
    original = replaced(content)
    if original is not None and not await _is_by(session, original, event["sender"]):
        return
    if not mattered and original is None:
        await _keep_reply(session, event)
    elif mattered or await _said_something(session, original or ""):
        await put(session, event_id, original or event_id, new_content(content))


async def _keep_reply(session: WriteSession, event: Json) -> None:
    """Of chat in reply to a question only that: its edit may be a vote or a command."""
    to = replied_to(event["content"])
    if to is not None and await lookup.by_event(session, to) is not None:
        relation = {"m.relates_to": event["content"]["m.relates_to"]}
        await put(session, event["event_id"], event["event_id"], relation)


async def _said_something(session: AsyncSession, original: str) -> bool:
    before = await newest(session, original)
    return before is not None and "body" in before.content


async def put(session: WriteSession, event_id: str, original: str, content: Json) -> None:
    """What the message `original` says since `event_id`, which is the message or an edit."""
    if await find(session, event_id) is None:
        kept: Json = {key: content[key] for key in _KEPT if isinstance(content.get(key), str)}
        relation: Json = {}
        if (reply := replied_to(content)) is not None:
            relation["m.in_reply_to"] = {"event_id": reply}
        if (root := thread_root(content)) is not None:
            relation |= {"rel_type": "m.thread", "event_id": root}
        if relation:
            kept["m.relates_to"] = relation
        session.add(Version(event_id=event_id, original=original, content=kept))
        await session.flush()


async def find(session: AsyncSession, event_id: str) -> Version | None:
    found = select(Version).where(Version.event_id == event_id)
    return (await session.scalars(found)).one_or_none()


async def newest(session: AsyncSession, original: str) -> Version | None:
    """What a message says now."""
    found = select(Version).where(Version.original == original)
    version: Version | None = await session.scalar(found.order_by(Version.id.desc()).limit(1))
    return version


async def reply_of(session: AsyncSession, original: str) -> Json:
    """The relation by which a message answers another, or stands in a thread, which its edits
    do not repeat."""
    version = await find(session, original)
    relation: Json = version.content.get("m.relates_to", {}) if version is not None else {}
    return relation


async def with_reply(session: AsyncSession, event: Json) -> Json:
    """An edit as an answer to what its message answers; any other message as it is."""
    content = event["content"]
    original = replaced(content)
    if original is None or replied_to(content) is not None:
        return event
    relation = {**await reply_of(session, original), **content["m.relates_to"]}
    return {**event, "content": {**content, "m.relates_to": relation}}


async def forget_redacted(session: WriteSession, room: str, event: Json) -> None:
    """A message is redacted, perhaps, and all its edits with it; also where it meant nothing
    itself."""
    target = redacts(event)
    if target is not None and await may_take_out(session, room, event["sender"], target):
        await session.execute(delete(Version).where(Version.original == target))


async def _is_by(session: AsyncSession, original: str, sender: str) -> bool:
    """Homeservers let anybody send an edit; it counts only from whoever wrote the message."""
    seen = await session.get(SeenEvent, original)
    return seen is not None and seen.sender == sender
