"""What tests of a talk's pages do there, by HTTP."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from sqlalchemy import select

from fosdembot.conference.page_links import LinkKind
from fosdembot.db.question_tables import Question
from simulation.pages import Answer

from .known import cookie_of, key_of
from .world import ADA, World

TALK, OTHER = "talk-1", "talk-2"


async def speaker(world: World, talk: str = TALK, name: str = "Ada L.") -> str:
    return await key_of(world.bot, world.database, talk, name=name)


async def moderator(world: World, talk: str = TALK) -> str:
    return await key_of(world.bot, world.database, talk, LinkKind.MODERATOR, "Host")


async def asked(world: World, *texts: str, person: str = ADA) -> list[int]:
    """The ids of questions."""
    numbers = [(await world.ask(text, person))[0] for text in texts]
    async with world.database.read() as session:
        found = select(Question.id).where(Question.number.in_(numbers)).order_by(Question.number)
        return list(await session.scalars(found))


async def states(world: World) -> list[str]:
    async with world.database.read() as session:
        return list(await session.scalars(select(Question.state).order_by(Question.number)))


async def do(world: World, key: str, what: str, **form: str) -> Answer:
    return await world.post("/talk/do", {"do": what, **form}, key=key)


async def said(world: World, key: str, what: str, **form: str) -> str:
    answer = await do(world, key, what, **form)
    assert answer.status == 200, answer.text
    return str(answer.json["said"])


def offered(page: str) -> set[str]:
    """What its buttons do."""
    return {unescape(found) for found in re.findall(r'name="do" value="([^"]*)"', page)}


def listed(page: str) -> list[str]:
    return re.findall(r'<li id="(q\d+)"', page)


async def by_cookie(world: World, person: str) -> dict[str, Any]:
    name, _, token = (await cookie_of(world.bot, world.database, person, "Somebody")).partition("=")
    return {"cookie": {name: token}}
