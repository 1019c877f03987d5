"""What people do by other faces is told in Matrix rooms, and what they do at once is one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor
from fosdembot.actions.asking import Ask, Asking
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.once import DoneBefore
from fosdembot.conference.people import People
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.tables import Outgoing
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action
from fosdembot.settings import load
from tests.chat.floor import POST, SETTINGS, answer, ask, state
from tests.stage import KERNEL, MODERATOR, Stage, room_id

GUEST = "guest 7"
"""Of a page, without a Matrix account."""


class Page:
    """The actions as another face has them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        bot = stage.bot
        settings, _ = load(SETTINGS)
        self.views = RoomViews(bot.programme, settings)
        self.access = Access(People(settings, bot.programme, bot.hosts))
        self.asking = Asking(bot.desk, self.access, bot.programme, self.views)
        self.deciding = Deciding(bot.desk, self.access, self.views)

    def actor(self, person: str, act: str) -> Actor:
        now = self.stage.clock.now()
        return Actor(person, face="web", act=act, at=now, now=now)

    async def ask(self, text: str, person: str = GUEST, act: str = "1") -> int:
        asked = Ask(room=room_id(KERNEL), text=text, name="Guest")
        async with self.stage.database.write() as session:
            accepted = await self.asking.ask(session, self.actor(person, act), asked)
        return accepted.question.number

    async def take_next(self, act: str, person: str = MODERATOR) -> int:
        async with self.stage.database.write() as session:
            actor, room = self.actor(person, act), room_id(KERNEL)
            decided = await self.deciding.decide_current(session, actor, room, Action.TAKE)
            return decided.question.number


async def sent(stage: Stage, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and content of what is to be sent by keys that begin so."""
    async with stage.database.read() as session:
        rows = await session.scalars(select(Outgoing).where(Outgoing.key.startswith(prefix)))
        return [(row.event_type, row.content) for row in rows]


async def test_what_a_guest_asks_on_a_page_is_posted_in_the_room(floor: Stage) -> None:
    assert await Page(floor).ask("How small?") == 1
    assert await sent(floor, "chip/") == [], "nobody reacts to what is no event"
    [(kind, content)] = await sent(floor, POST)
    assert kind == "m.room.message"
    assert "How small?" in content["body"]


async def test_so_is_what_was_not_said_to_be_asked_elsewhere(floor: Stage) -> None:
    async with floor.database.write() as session:
        new = NewQuestion(
            room=room_id(KERNEL),
            talk="talk-1",
            text="How small?",
            asker=GUEST,
            name="Guest",
            cause="web:1",
            at=floor.clock.now(),
            direct=False,
        )
        await floor.bot.desk.ask(session, new)
    assert await sent(floor, "chip/") == []
    assert len(await sent(floor, POST)) == 1


async def test_who_has_no_account_is_named_and_not_notified(floor: Stage) -> None:
    await Page(floor).ask("How small?")
    await answer(floor, KERNEL, MODERATOR, "!take 1")
    [(_, content)] = await sent(floor, "taken/")
    assert "Guest" in content["body"]
    assert content["m.mentions"] == {"user_ids": []}


@pytest.mark.parametrize("chat_first", [True, False])
async def test_the_next_by_chat_and_by_a_page_at_once_is_one(
    floor: Stage, chat_first: bool
) -> None:
    page = Page(floor)
    for text in ("One?", "Two?"):
        await ask(floor, text)
    if chat_first:
        await answer(floor, KERNEL, MODERATOR, "!take")
        floor.clock.forward(4 / 60)
        assert await page.take_next("1") == 1
    else:
        assert await page.take_next("1") == 1
        floor.clock.forward(4 / 60)
        await answer(floor, KERNEL, MODERATOR, "!take")
    assert [await state(floor, number) for number in (1, 2)] == ["answering", "open"]
    floor.clock.forward(2)
    with pytest.raises(DoneBefore):
        await page.take_next("1")
    assert await page.take_next("2") == 2
