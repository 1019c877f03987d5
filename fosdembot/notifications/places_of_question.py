"""The messages by which a question stands in rooms: its card at the hosts', its post in the
talk room where it was asked in a direct chat. Their keys in the outbox, and what a post says.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question, Shown
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import Outbox
from fosdembot.questions.by import is_event
from fosdembot.questions.shown import said_about
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, literal, say

LONGEST_TEXT = 2000
"""Characters of a question that a card shows: all that a setting may allow."""


def card_key(question: Question, room: str) -> str:
    """Of the first card in a hosts' room."""
    return f"card/{question.id}/{room}"


def is_card(key: str, question: Question, room: str) -> bool:
    """Whether a message with this key is a card of the question in a hosts' room."""
    first = card_key(question, room)
    return key == first or key.startswith(f"{first}/")


def is_posted(question: Question) -> bool:
    """Whether the audience reads it by a post of ours, as it was not asked by an event of the talk
    room."""
    return question.direct or (question.source is not None and not is_event(question.source))


async def seen_as(session: AsyncSession, outbox: Outbox, question: Question) -> str | None:
    """The event by which a question stands in its talk room."""
    if not is_posted(question):
        return question.source
    said = (await said_about(session, [question.id]))[question.id]
    prefix = post_key(question)
    posts = [key for key in said if key == prefix or key.startswith(f"{prefix}/")]
    post = await outbox.unredacted(session, posts[-1]) if posts else None
    return post.event_id if post is not None else None


def post_key(question: Question) -> str:
    """Of the first post in a talk room."""
    return f"post/{question.id}/{question.room_id}"


def is_post(key: str) -> bool:
    return key.startswith("post/")


async def posted_as(
    session: AsyncSession, outbox: Outbox, event: str, room: str
) -> Question | None:
    """The question that this event, a message of ours in a Matrix room (its id), posted there,
    unless it was taken back."""
    posts = (
        select(Question, Outgoing.key)
        .join(Shown, Shown.question_id == Question.id)
        .join(Outgoing, Outgoing.key == Shown.message_key)
        .where(Outgoing.event_id == event, Outgoing.room_id == room, Shown.about)
    )
    for question, key in (await session.execute(posts)).all():
        if is_post(key) and await outbox.unredacted(session, key) is not None:
            return question
    return None


def post_text(question: Question) -> Text:
    return say(
        texts.POST if question.asker_name else texts.POST_NAMELESS,
        number=str(question.number),
        text=literal(question.text, LONGEST_TEXT),
        name=question.asker_name,
    )
