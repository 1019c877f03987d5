"""Chat goes past everybody who listens, in one statement for all of it. So it must be nothing to
them: whatever is taken for chat changes nothing where it is looked at as anything else is."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from sqlalchemy import select

from fosdembot.db.base import Base
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.api import Json
from fosdembot.matrix.known import KnownRooms
from tests.chat.audience import ADA, IRC, RELAY
from tests.chat.floor import HOST, HOSTS, SETTINGS, SPEAKER, ask, made
from tests.stage import CONTROL, KERNEL, MODERATOR, MakeStage, Stage, room_id

CHAT = (
    "hello",
    "I like the part about schedulers",
    "what does Q: mean?",
    "see https://example.org/!ask",
    "12",
    "+1",
    "👍",
    "take 12",
    "questions",
    "A: no",
    "vote 12",
    "kernel take 12",
    "mod please",
    "ask me later",
    "\u202e!ask turned around",
    "> quoted\n\nand said",
    "",
)
MEANT = (
    "!ask How small?",
    "! ask How small?",
    "！ask How small?",
    "!nosuch",
    "!aks How small?",
    "Q: How small?",
    "question: How small?",
    "**Q: How small?**",
    "bot: help",
    "@bot: ask How small?",
    "\\!vote 1",
)


async def hall(make_stage: MakeStage, opened: Path) -> Stage:
    questions = {**SETTINGS["questions"], "relays": [RELAY]}
    stage = await make_stage(opened, **(SETTINGS | {"questions": questions}))
    stage.clock.set(65)
    await stage.open(HOSTS)
    assert await ask(stage, "How small?") == 1
    await stage.deliver()
    return stage


async def everything(session: WriteSession) -> dict[str, list[tuple[Any, ...]]]:
    await session.flush()
    tables = Base.metadata.sorted_tables
    return {
        table.name: sorted((tuple(row) for row in await session.execute(select(table))), key=str)
        for table in tables
    }


async def is_chat(stage: Stage, alias: str, event: Json) -> bool:
    rooms = await KnownRooms(stage.database).load([room_id(alias)])
    return stage.router.may_go_together(rooms[room_id(alias)], event)


def line(stage: Stage, person: str, body: str, **content: Any) -> Json:
    return made(stage, person, "m.room.message", {"msgtype": "m.text", "body": body, **content})


async def test_what_is_taken_for_chat_changes_nothing(make_stage: MakeStage, opened: Path) -> None:
    stage = await hall(make_stage, opened)
    kinds = itertools.cycle(("m.text", "m.emote", "m.notice", "m.image", "odd"))
    people = (ADA, SPEAKER, MODERATOR, HOST)
    async with stage.database.write() as session:
        before = await everything(session)
        for (person, body), kind in zip(itertools.product(people, CHAT), kinds, strict=False):
            event = line(stage, person, body, msgtype=kind)
            assert await is_chat(stage, KERNEL, event), (body, kind)
            await stage.router.handle(session, room_id(KERNEL), event)
            assert await everything(session) == before, (person, body, kind)
        assert session.info.get("after_commit", []) == []


async def test_what_may_be_a_command_is_none(make_stage: MakeStage, opened: Path) -> None:
    stage = await hall(make_stage, opened)
    for body in MEANT:
        for kind in ("m.text", "m.emote"):
            assert not await is_chat(stage, KERNEL, line(stage, ADA, body, msgtype=kind)), body


async def test_where_more_is_understood_nothing_is(make_stage: MakeStage, opened: Path) -> None:
    stage = await hall(make_stage, opened)
    direct = await stage.open_direct(ADA)
    for alias in (HOSTS, CONTROL, direct):
        assert not await is_chat(stage, alias, line(stage, ADA, "hello")), alias


async def test_what_relates_to_something_is_none(make_stage: MakeStage, opened: Path) -> None:
    stage = await hall(make_stage, opened)
    for relation in (
        {"m.in_reply_to": {"event_id": "$asked1"}},
        {"rel_type": "m.replace", "event_id": "$asked1"},
        {"rel_type": "m.thread", "event_id": "$asked1"},
        "odd",
    ):
        event = line(stage, ADA, "+1", **{"m.relates_to": relation})
        assert not await is_chat(stage, KERNEL, event)


async def test_who_speaks_for_others_is_none(make_stage: MakeStage, opened: Path) -> None:
    stage = await hall(make_stage, opened)
    for person in (IRC, RELAY):
        assert not await is_chat(stage, KERNEL, line(stage, person, "<kay> hello"))
