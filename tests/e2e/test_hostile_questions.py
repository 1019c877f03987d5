"""Whatever people type, the bot's messages show it harmlessly, and nobody is pinged."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import select

from fosdembot.db.question_tables import Speaker
from fosdembot.texts.render import clean
from simulation.client import Client
from simulation.conference import MANY, Planned, settings
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakeHomeserver, MakePerson

from .scenarios import make_world, wait_until_joined
from .votes import Voting, database_of

HOSTILE = {
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)> <b>bold</b> &lt;i&gt;",
    "room ping": "@room everybody look @Room ＠room",
    "pill": "<a href='https://matrix.to/#/@admin:x'>you</a> https://matrix.to/#/@admin:example.org",
    "right to left": "abc\u202egnirts\u202c \u2066x\u2069 \u200f",
    "zero width": "z\u200be\u200dr\u2060o\ufeff",
    "control": "bell\x07 esc\x1b[31m null\ufffe tab\t line\nbreak\r\nagain",
    "emoji only": "💥💥💥",
    "markdown": "[x](javascript:alert(1)) ![i](http://e.example/i.png) ```" + "`" * 30 + "**" * 40,
    "marks": "e" + "\u0301" * 200,
    "quote": "> quoted\n> lines\n\n# heading | table |",
}
NAME = "<b>@room</b> \u202eMallory\u202c [x](y) \x1b[2J"
INVISIBLE = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060\ufeff\x00-\x09\x0b-\x1f\x7f]"
)
ALLOWED_TAG = re.compile(r"</?(?:strong|em|code|ul|li)>|<br>|<a href=\"https://[^\"<>]*\">|</a>")


async def test_hostile_texts_are_shown_harmlessly_and_only_the_asker_is_notified(
    private_homeserver: MakeHomeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    new_folder: Path,
) -> None:
    # One that notifies people.
    homeserver = await private_homeserver()
    title = f"Talk {HOSTILE['HTML']} {HOSTILE['room ping']} {HOSTILE['right to left']}"

    def talks(alias: str, _number: int) -> list[Planned]:
        return [Planned(n, title, 60 * (n - 1), 60, chat_room=alias) for n in (1, 2)]

    world = await make_world(
        "hostile", homeserver, person, new_folder, rooms=1, people=4, talks=talks
    )
    mallory, asker, voter, bystander = world.people
    await mallory.set_name(NAME)
    (room,) = world.rooms.values()
    questions = {"board_seconds": 1, "open_per_person": 20}
    config = settings(world.schedule, at=5, limits=MANY, questions=questions)
    bot = bot_factory(world.account, config, homeserver)
    await bot.start()
    await wait_until_joined(world)
    async with database_of(bot, None) as database:
        voting = Voting(world, bot, room, database)
        numbers = []
        for text in HOSTILE.values():
            event, number = await voting.ask(mallory, text)
            numbers.append(number)
            question = await voting.question(event)
            assert question is not None
            assert question.text == clean(text, 500)
            await voter.react(room, event, "👍")
        await mallory.send(room, "!ask " + "x" * 60_000)
        await mallory.send(room, "!ask \u200b\u2060")
        asked, fair = await voting.ask(asker, "How small can it get?")
        await _reach_in_from_elsewhere(voting, mallory, asked)
        await _take_an_edit_back(voting, asker, asked)
        for command in ("!questions", "!questions all", f"!star {numbers[0]}", "!talk", "!take"):
            await world.admin.send(room, command)
        await world.admin.send(room, f"!take {fair}")
        await voting.settled()
        said = await world.admin.messages(room, world.account.user_id)
    for message in said:
        _check_harmless(message.content)
    assert sum("500 at the most" in message.body for message in said) == 1
    taken = [m.event_id for m in said if m.content["m.mentions"] == {"user_ids": [asker.user_id]}]
    assert len(taken) == 1
    assert await _highlights(asker, world.account.user_id) == taken
    assert await _highlights(bystander, world.account.user_id) == []
    assert await _highlights(voter, world.account.user_id) == []


async def _reach_in_from_elsewhere(voting: Voting, mallory: Client, asked: str) -> None:
    """From a room of their own, in which the bot is as well. Reactions and edits that relate
    to another room Synapse takes from other servers only: `tests/chat/test_relating.py`."""
    bot, claim = voting.world.account.user_id, await mallory.send(voting.room, "!talk speaker")
    own = await mallory.create_room(invite=[bot], direct=True)

    async def is_there() -> bool:
        return any(
            event["type"] == "m.room.member"
            and event["state_key"] == bot
            and event["content"]["membership"] == "join"
            for event in await mallory.events(own)
        )

    await wait_for(is_there, 60, "the bot in the direct chat")
    for body in ("+1", "!vote", "!withdraw", "It is 4 kB"):
        await mallory.reply(own, asked, body)
    marker = await mallory.send(own, "!help now")
    await wait_for(lambda: mallory.answer_to(own, marker, bot), 60, "an answer")
    question = await voting.question(asked)
    assert question is not None
    assert (question.votes, question.text) == (0, "How small can it get?")
    await mallory.edit(voting.room, claim, "What a nice talk!")
    await voting.settled()
    async with voting.database.read() as session:
        assert list(await session.scalars(select(Speaker))) == []


async def _take_an_edit_back(voting: Voting, asker: Client, asked: str) -> None:
    async def is_listed() -> bool:
        return await voting.versions_with("How tiny") > 0

    async def is_gone() -> bool:
        return not await is_listed()

    edited = await asker.edit(voting.room, asked, "!ask How tiny can it get?")
    await voting.settled()
    await voting.world.admin.send(voting.room, "!questions all")
    await wait_for(is_listed, 60, "a list with the edit")
    await asker.redact(voting.room, edited)
    await wait_for(is_gone, 60, "nothing of it in what the bot said")
    question = await voting.question(asked)
    assert question is not None
    assert question.text == "How small can it get?"


def _check_harmless(content: dict[str, Any]) -> None:
    for shown in (content, content.get("m.new_content", {})):
        body, html = shown.get("body", ""), shown.get("formatted_body", "")
        # A zero-width space is what breaks "@room" apart.
        assert not re.search("@room", body + html, re.IGNORECASE)
        assert not INVISIBLE.search((body + html).replace("@\u200b", "@"))
        assert "<" not in ALLOWED_TAG.sub("", html)
        assert "matrix.to/#/@" not in html.partition("<a")[2]
        assert len(body) < 10_000
        assert len(body.split("\n")) <= 60
    assert "room" not in content["m.mentions"]


async def _highlights(who: Client, bot: str) -> list[str]:
    """The bot's messages of which somebody was notified as being meant."""
    return [
        notified["event"]["event_id"]
        for notified in await who.notifications()
        if notified["event"]["sender"] == bot and _is_highlight(notified["actions"])
    ]


def _is_highlight(actions: list[Any]) -> bool:
    tweaks = [action for action in actions if isinstance(action, dict)]
    return any(
        tweak.get("set_tweak") == "highlight" and tweak.get("value", True) for tweak in tweaks
    )
