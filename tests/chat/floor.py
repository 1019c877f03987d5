"""A talk room with questions, its hosts' room, and the people in both."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog, Speaker
from fosdembot.questions.by import By
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action, State
from tests.stage import KERNEL, MODERATOR, STRANGER, Stage, in_room, room_id
from tests.unheard import unheard

HOSTS = "#hosts:example.org"
ASKER = "@asker:example.org"
SPEAKER = "@speaker:example.org"
"""Of the first talk, by the settings."""
OTHER_SPEAKER = "@other-speaker:example.org"
"""Of the second one."""
HOST = "@host:example.org"
"""A member of the hosts' room, without power in the talk room."""

SETTINGS: dict[str, Any] = {
    "hosts": {"*": HOSTS},
    "speakers": {"talk-1": [SPEAKER], "talk-2": [OTHER_SPEAKER]},
    "limits": {"commands_per_minute": 10_000},
    "questions": {"open_per_person": 100},
}
CARD = f"card/1/{room_id(HOSTS)}"
"""The key of the hosts' card of question 1."""
POST = f"post/1/{room_id(KERNEL)}"
"""The key of its post in the room, where it was asked in a direct chat."""
_events = itertools.count(1)


async def ask(
    stage: Stage,
    text: str,
    *,
    asker: str = ASKER,
    name: str = "Asker",
    talk: int = 1,
    alias: str = KERNEL,
    pending: bool = False,
    **values: Any,
) -> int:
    """Somebody asks for a talk; returns the question's number. Its event is `$asked` and
    that number. `pending`: it waits for a moderator, whatever the room's rule."""
    async with stage.database.write() as session:
        new = NewQuestion(
            room=room_id(alias),
            talk=f"talk-{talk}",
            text=text,
            asker=asker,
            name=name,
            cause=f"$new{next(_events)}",
            at=stage.clock.now(),
            **values,
        )
        with unheard(stage.bot.desk) as desk:
            question, _ = await desk.ask(session, new)
        question.source = f"$asked{question.number}"
        if pending:
            question.state = State.PENDING
        return question.number


async def act(stage: Stage, number: int, *actions: Action, into: int | None = None) -> None:
    """Bring a question into another state, by no command."""
    async with stage.database.write() as session:
        question = await one(session, number)
        by = By("@desk:example.org", f"$desk{next(_events)}", stage.clock.now())
        with unheard(stage.bot.desk) as desk:
            for action in actions:
                await desk.act(session, question, action, by)
            if into is not None:
                await desk.merge(session, question, await one(session, into), by)


async def one(session: WriteSession, number: int) -> Question:
    found = select(Question).where(Question.number == number)
    return (await session.scalars(found)).one()


async def state(stage: Stage, number: int) -> str:
    """How a question stands: `open`, `skipped`, `merged into 14`, … and for which talk if
    that is not the first."""
    async with stage.database.read() as session:
        into = aliased(Question)
        found = await session.execute(
            select(Question, into.number)
            .outerjoin(into, Question.merged_into == into.id)
            .where(Question.number == number)
        )
        question, target = found.one()
    said = "skipped" if question.skipped else question.state
    said += f" into {target}" if target else ""
    return said if question.talk == "talk-1" else f"{said} for {question.talk}"


async def three(stage: Stage) -> None:
    """1, 2 and 3, of which 2 has a vote."""
    for number in (1, 2, 3):
        assert await ask(stage, f"Question {number}?") == number
    await stage.say(KERNEL, STRANGER, "!vote 2")


async def states(stage: Stage) -> list[str]:
    """Of these three."""
    return [await state(stage, number) for number in (1, 2, 3)]


async def tap(
    stage: Stage, sender: str, to: str, key: str, *, alias: str = KERNEL, at: float | None = None
) -> str:
    """Somebody reacts to an event; returns the reaction's id."""
    relation = {"rel_type": "m.annotation", "event_id": to, "key": key}
    return await send(stage, alias, sender, "m.reaction", {"m.relates_to": relation}, at=at)


async def redact(stage: Stage, sender: str, event: str, *, alias: str = KERNEL) -> str:
    return await send(stage, alias, sender, "m.room.redaction", {"redacts": event})


async def send(
    stage: Stage,
    alias: str,
    sender: str,
    kind: str,
    content: dict[str, Any],
    at: float | None = None,
) -> str:
    before = stage.clock.minutes
    if at is not None:
        stage.clock.set(at)
    event = made(stage, sender, kind, content)
    await stage.receive(alias, event)
    stage.clock.set(before)
    return str(event["event_id"])


def made(stage: Stage, sender: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """An event that somebody sends now."""
    return {
        "event_id": f"${kind}{next(_events)}",
        "type": kind,
        "sender": sender,
        "origin_server_ts": stage.clock.now().timestamp() * 1000,
        "content": content,
    }


async def answer(stage: Stage, alias: str, sender: str, body: str, **content: Any) -> str:
    """What a command is answered where it was typed: the text, `✅`, or nothing."""
    event, said = await stage.write(alias, sender, body, **content)
    keys = keys_of_answers(event)
    texts = [s.body for s in said if s.key in keys]
    assert in_room(said, alias).count(texts[0]) == 1 if texts else True
    if (sent := await stage.committed.event(*keys)) is None:
        return ""
    kind, content = sent
    return str(content["m.relates_to"]["key"]) if kind == "m.reaction" else texts[0]


def keys_of_answers(event: str) -> tuple[str, str]:
    """Of what a command may be answered."""
    return f"answer/{event}", f"declined/{event}"


async def host(stage: Stage, body: str, **content: Any) -> str:
    """What a host is answered in the hosts' room."""
    return await answer(stage, HOSTS, HOST, body, **content)


async def moderated(stage: Stage) -> None:
    await stage.say(KERNEL, MODERATOR, "!qa moderated")
    await stage.news()


async def card(stage: Stage, key: str = CARD) -> str:
    """What a card says now."""
    said = {s.key: s.body for s in await stage.outbox()}
    return said.get(f"edit:{key}", said.get(key, ""))


async def decisions(stage: Stage) -> list[tuple[str, str]]:
    """Action and actor of the log's entries but for asking, the oldest first."""
    async with stage.database.read() as session:
        rows = await session.execute(
            select(QuestionLog.action, QuestionLog.actor)
            .where(QuestionLog.action != "ask")
            .order_by(QuestionLog.id)
        )
        return [(row.action, row.actor) for row in rows]


async def speakers(stage: Stage, talk: int = 1) -> dict[str, bool]:
    """Those in the table: who, and whether that is confirmed."""
    async with stage.database.read() as session:
        rows = await session.scalars(select(Speaker).where(Speaker.talk == f"talk-{talk}"))
        return {row.person: row.confirmed for row in rows}


async def join_hosts(stage: Stage, user: str, membership: str = "join") -> None:
    content = {"membership": membership}
    await stage.state(HOSTS, "m.room.member", content, key=user)


class _TakenBack(Exception):
    pass


@asynccontextmanager
async def taken_back(session: WriteSession) -> AsyncIterator[None]:
    """A part of a transaction, of which nothing stays."""
    with suppress(_TakenBack):
        async with session.part():
            yield
            raise _TakenBack
