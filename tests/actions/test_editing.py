"""Questions are reworded and taken back by those who asked them, by any face."""

from __future__ import annotations

import pytest

from fosdembot.actions.actor import Actor
from fosdembot.actions.editing import Editing
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial
from fosdembot.questions.refusals import Refusal

from .audience import EVE, RELAY, Audience, denied
from .house import ADA, MODERATOR


@pytest.fixture
def editing(audience: Audience) -> Editing:
    return Editing(audience.desk)


async def edit(audience: Audience, editing: Editing, event: str, actor: Actor) -> None:
    async with audience.database.write() as session:
        await editing.edit(session, actor, await audience.held(session, event), "How tiny?")


async def retract(audience: Audience, editing: Editing, event: str, actor: Actor) -> bool:
    async with audience.database.write() as session:
        question = await audience.held(session, event)
        return await editing.retract(session, actor, question, event)


async def test_who_asked_it_rewords_it(audience: Audience, editing: Editing) -> None:
    event = await audience.ask(ADA)
    await edit(audience, editing, event, audience.actor(ADA))
    assert (await audience.question(event)).text == "How tiny?"
    assert await retract(audience, editing, event, audience.actor(ADA))
    assert await audience.state(event) == "withdrawn"


async def test_so_does_a_relay_for_those_behind_it(audience: Audience, editing: Editing) -> None:
    asked = await audience.takes(RELAY, name="carl", relayed=True, relay=True)
    event = str(asked.question.source)
    await edit(audience, editing, event, audience.actor(RELAY, relayed=True))
    assert (await audience.question(event)).text == "How tiny?"


@pytest.mark.parametrize("person", [EVE, MODERATOR])
async def test_nobody_else_does(audience: Audience, editing: Editing, person: str) -> None:
    event = await audience.ask(ADA)
    for change in (edit, retract):
        with denied(Denial.NOT_ALLOWED, permission=Permission.WITHDRAW):
            await change(audience, editing, event, audience.actor(person))
    question = await audience.question(event)
    assert (question.text, question.state) == ("How?", "open")


async def test_whoever_redacted_it_is_obeyed(audience: Audience, editing: Editing) -> None:
    event = await audience.ask(ADA)
    async with audience.database.write() as session:
        await editing.redact(session, audience.actor(MODERATOR), event)
    question = await audience.question(event)
    assert (question.text, question.state) == ("", "withdrawn")


async def test_a_reworded_question_is_one_still(audience: Audience, editing: Editing) -> None:
    event = await audience.ask(ADA)
    async with audience.database.write() as session:
        question = await audience.held(session, event)
        with denied(Refusal.EMPTY):
            await editing.edit(session, audience.actor(ADA), question, " ")
