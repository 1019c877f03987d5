"""What attendees do, and what came of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select

from fosdembot.db.question_tables import Answer, Question, Vote, VoteMark
from fosdembot.db.tables import Outgoing, RoleRoom, RoomAddress
from tests.chat.floor import made
from tests.stage import KERNEL, Stage, room_id

ADA = "@ada:example.org"
BOB = "@bob:example.org"
EVE = "@eve:example.org"
IRC = "@irc_carl:example.org"
"""Sits behind a bridge."""
RELAY = "@relay:example.org"
"""Speaks for many."""


async def asked(
    stage: Stage, text: str, person: str = ADA, alias: str = KERNEL, **content: Any
) -> tuple[str, str]:
    """Somebody asks by `!ask`; the event, and what was said in the same room then."""
    event, said = await stage.write(alias, person, f"!ask {text}", **content)
    return event, "\n".join(s.body for s in said if s.room == alias)


async def asks(stage: Stage, body: str, person: str = ADA, alias: str = KERNEL) -> str:
    """Somebody types a command, and the answers are delivered; returns its event."""
    event, _ = await stage.write(alias, person, body)
    await stage.deliver()
    return event


async def direct(stage: Stage, body: str, person: str = ADA) -> tuple[str, str]:
    """Somebody writes to the bot; its event, and the alias of the chat."""
    alias = await stage.open_direct(person)
    return await asks(stage, body, person, alias), alias


def reply_to(event: str, **more: Any) -> dict[str, Any]:
    """What makes a message an answer to another."""
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event}, **more}}


async def questions(stage: Stage) -> list[Question]:
    async with stage.database.read() as session:
        return list(await session.scalars(select(Question).order_by(Question.id)))


async def last(stage: Stage) -> Question:
    return (await questions(stage))[-1]


async def votes(stage: Stage, number: int = 1) -> int:
    async with stage.database.read() as session:
        found = select(Question.votes).where(Question.number == number)
        return await session.scalar(found) or 0


async def written(stage: Stage, number: int) -> list[str]:
    """The answers to a question, in their order."""
    async with stage.database.read() as session:
        found = await session.scalars(
            select(Answer.text)
            .join(Question, Question.id == Answer.question_id)
            .where(Question.number == number, Answer.counts)
            .order_by(Answer.id)
        )
        return list(found)


async def kept(stage: Stage) -> tuple[int, int]:
    """How many votes there are, and events that stand for them."""
    async with stage.database.read() as session:
        people = await session.scalar(select(func.count()).select_from(Vote))
        return people or 0, await session.scalar(select(func.count(VoteMark.cause))) or 0


async def chips(stage: Stage) -> dict[str, str]:
    """The bot's reactions to messages of others, by event."""
    async with stage.database.read() as session:
        rows = await session.scalars(
            select(Outgoing)
            .where(Outgoing.event_type == "m.reaction", Outgoing.target.is_(None))
            .order_by(Outgoing.id)
        )
        relations = [row.content["m.relates_to"] for row in rows]
        return {relation["event_id"]: relation["key"] for relation in relations}


async def rows(stage: Stage, kind: str) -> list[Outgoing]:
    """Of this event type, as they stand in the outbox."""
    async with stage.database.read() as session:
        found = select(Outgoing).where(Outgoing.event_type == kind).order_by(Outgoing.id)
        return list(await session.scalars(found))


async def reactions(stage: Stage, to: str) -> list[str]:
    """To an event or to the message with this key: those that are not taken back."""
    redacted = await taken_out(stage)
    return [
        str(row.content["m.relates_to"]["key"])
        for row in await rows(stage, "m.reaction")
        if to in (row.target, row.content["m.relates_to"]["event_id"]) and row.key not in redacted
    ]


async def requests(stage: Stage) -> int:
    """How much was put in the outbox so far."""
    async with stage.database.read() as session:
        return await session.scalar(select(func.count(Outgoing.id))) or 0


async def taken_out(stage: Stage) -> set[str]:
    """The keys of the bot's messages that are redacted."""
    async with stage.database.read() as session:
        targets = select(Outgoing.target).where(Outgoing.kind == "redaction")
        return {target or "" for target in await session.scalars(targets)}


async def member(
    stage: Stage, person: str, membership: str, by: str | None = None, alias: str = KERNEL
) -> None:
    """Somebody's membership is another, by his own doing or another's."""
    event = made(stage, by or person, "m.room.member", {"membership": membership})
    await stage.receive(alias, event | {"state_key": person})


async def upgrade(stage: Stage, power: dict[str, int] | None = None) -> str:
    """The talk room is replaced by another, whose alias as for `Stage.say` is returned."""
    alias = "#replacement:example.org"
    await stage.open(alias, power, predecessor={"room_id": room_id(KERNEL)})
    async with stage.database.write() as session:
        await session.merge(RoomAddress(address=KERNEL, room_id=room_id(alias)))
        # The alias is no address of a hosts' room, for which `open` takes it.
        await session.execute(delete(RoleRoom).where(RoleRoom.address == alias))
    return alias
