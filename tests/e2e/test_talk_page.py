"""The speaker's page, on a real homeserver and beside a real meeting: what is tapped there is so
everywhere, and what is written after the talk reaches whoever asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright, expect

from simulation.bot import Bot
from simulation.browser import launch
from simulation.client import Client, Message
from simulation.homeserver import Account, Homeserver
from simulation.npm_scripts import AXE
from simulation.prosody import Prosody
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakeHomeserver, MakePerson, needs_browser
from tests.e2e.meeting_world import MeetingWorld, meeting_world, one_talk, says

PUBLIC = "https://qa.example.org"
_KEY = re.compile(re.escape(PUBLIC) + r"/talk\?key=([\w-]+)")


async def test_a_speaker_taps_during_the_talk_and_writes_afterwards(
    private_homeserver: MakeHomeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    """The talk is ended early, and its letter comes a minute later."""
    needs_browser(AXE)
    # The one of the whole run notifies nobody.
    server = await private_homeserver()

    async def people(name: str, at: Homeserver = server) -> Client:
        return await person(name, at)

    def bots(
        account: Account,
        plugin_config: Mapping[str, Any],
        at: Homeserver = server,
        database: str | None = None,
    ) -> Bot:
        return bot_factory(account, plugin_config, at, database)

    speaker = await people("ada")
    async with (
        async_playwright() as playwright,
        await launch(playwright) as browser,
        meeting_world(
            server,
            people,
            bots,
            prosody,
            new_folder,
            one_talk,
            at=5,
            speed=10,
            name="page",
            notices={"qa_minutes": 22},
            questions={"letter_minutes": 1},
            speakers={"talk-1": [speaker.user_id]},
            pages={"public_url": PUBLIC},
        ) as world,
    ):
        await speaker.join(world.room)
        chat = await speaker.begin_chat(bot := world.bot.account.user_id)
        await wait_for(lambda: is_in(speaker, chat, bot), 60, "the bot is in the chat")
        await world.ask("How small?", "How big?")
        await world.speaker.sees(says("1 (0 votes): How small?"))
        await speaker.send(world.room, "!talk page")
        key = await told_key(world, speaker, chat, 1)
        page = await browser.new_page()
        await page.goto(f"{world.bot.url}/talk?key={key}")
        await page.get_by_role("button", name="Take 1").click()
        await expect(page.locator("#talk-now")).to_contain_text("How small?")
        await world.speaker.sees(says("Now: 1 (0 votes): How small?"))
        assert "now: 1 (0 votes) How small?" in await world.questions()
        world.speaker.say("!done")
        await expect(page.locator("#talk-now")).not_to_contain_text("How small?")

        await world.asker.send(world.room, "!talk end")
        # A letter brings what was not reached.
        again = await told_key(world, speaker, chat, 2)
        assert again != key
        await page.goto(f"{world.bot.url}/talk?key={again}")
        await page.get_by_role("button", name="Answer in writing 2").click()
        await page.get_by_label("Your answer").fill("As big as you like.")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator("#list")).to_contain_text("As big as you like.")
        posted = await posted_answer(world, "As big as you like.")
        assert "Ada L." in posted.body
        assert posted.content["m.mentions"] == {"user_ids": [world.asker.user_id]}
        await wait_for(lambda: is_notified(world.asker, posted), 20, "a notification")


async def is_notified(person: Client, message: Message) -> bool:
    told = await person.notifications()
    return any(each["event"]["event_id"] == message.event_id for each in told)


async def is_in(speaker: Client, chat: str, person: str) -> bool:
    member = await speaker.state(chat, "m.room.member", person)
    return bool(member.get("membership") == "join")


async def told_key(world: MeetingWorld, speaker: Client, chat: str, count: int) -> str:
    """The last of so many secret links that the speaker was told."""

    async def found() -> str | None:
        said = await speaker.messages(chat, world.bot.account.user_id)
        keys = [key for message in said for key in _KEY.findall(message.body)]
        return keys[-1] if len(keys) >= count else None

    key = await wait_for(found, 120, f"{count} links in the chat")
    assert key is not None
    return key


async def posted_answer(world: MeetingWorld, text: str) -> Message:
    """What the bot posts in the talk room."""

    async def found() -> Message | None:
        said = await world.asker.messages(world.room, world.bot.account.user_id)
        return next((message for message in said if text in message.body), None)

    posted = await wait_for(found, 30, f"{text!r} in the room")
    assert posted is not None
    return posted
