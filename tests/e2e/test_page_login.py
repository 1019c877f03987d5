"""Somebody at a real client, on a real homeserver, becomes known on the pages: by a code, by a
personal link, by a secret link, and as their client says. None of the secrets stands in the log."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

from simulation.bot import EVERYTHING, Bot
from simulation.client import Client, RequestError
from simulation.conference import Planned, settings, write_schedule
from simulation.homeserver import Homeserver
from simulation.pages import Answer, PageClient
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson


class Browser:
    """Keeps cookies."""

    def __init__(self, pages: PageClient) -> None:
        self.pages = pages
        self.cookies: dict[str, str] = {}

    async def get(self, path: str) -> Answer:
        return self._took(await self.pages.get(path, cookie=self.cookies))

    async def post(self, path: str, **form: str) -> Answer:
        return self._took(await self.pages.post(path, form, cookie=self.cookies))

    def _took(self, answer: Answer) -> Answer:
        for header in answer.headers.getall("Set-Cookie", ()):
            name, _, rest = header.partition("=")
            self.cookies[name] = rest.partition(";")[0].strip('"')
        return answer


class Chat:
    """Somebody's direct chat with the bot."""

    def __init__(self, client: Client, room: str, bot: str) -> None:
        self.client, self.room, self.bot = client, room, bot

    async def says(self, body: str) -> str:
        """What the bot answers."""
        event = await self.client.send(self.room, body)

        async def answered() -> str | None:
            found = await self.client.answer_to(self.room, event, self.bot)
            return found.body if found is not None else None

        return str(await wait_for(answered, 60, f"an answer to {body}"))


async def chat_with(client: Client, bot: str) -> Chat:
    room = await client.create_room(public=False, direct=True, invite=[bot])

    async def is_there() -> bool:
        try:
            state = await client.state(room, "m.room.member", bot)
        except RequestError:
            return False
        return bool(state["membership"] == "join")

    await wait_for(is_there, 60, "the bot in the direct chat")
    return Chat(client, room, bot)


async def test_who_somebody_is(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    admin, lena, eve = await person("pages-admin"), await person("lena"), await person("eve")
    account = await homeserver.register("bot-pages")
    alias = f"#pages:{homeserver.server_name}"
    room = await admin.create_room("Hall", alias="pages", power={"users": {account.user_id: 50}})
    for client in (lena, eve):
        await client.join(alias)
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 60, 25, chat_room=alias)])
    bot = bot_factory(account, settings(schedule, at=65, speakers={"talk-1": [lena.user_id]}))
    bot.logging = EVERYTHING
    bot.plugin_config["pages"] = {"public_url": bot.url}
    async with bot, PageClient(bot.url) as pages:
        await admin.wait_for_messages(room, 1, account.user_id, seconds=60)
        secrets = [
            *await by_code(pages, lena, eve, bot),
            *await by_links(pages, await chat_with(lena, account.user_id)),
            *await by_widget(pages, lena),
        ]
        log = bot.log_text()
    assert "DEBUG" in log, "everything is logged"
    assert [secret for secret in secrets if secret and secret in log] == []


async def by_code(pages: PageClient, lena: Client, eve: Client, bot: Bot) -> list[str]:
    """Lena types the code on her page; Eve typed another, and Lena says no to her."""
    browser = Browser(pages)
    code = await code_on(browser)
    evil = await chat_with(eve, bot.account.user_id)
    assert "asks whether it is you" in await evil.says(f"!link {code}")
    asked = await browser.get("/login")
    assert eve.user_id in asked.text
    await browser.post("/login", answer="no")
    assert await knows(browser) is None

    code = await code_on(browser)
    chat = await chat_with(lena, bot.account.user_id)
    assert "No page shows this code" in await chat.says("!link AAAA")
    assert "asks whether it is you" in await chat.says(f"!link {code}")
    assert "Somebody else typed this code first" in await evil.says(f"!link {code}")
    asked = await browser.get("/login")
    assert lena.user_id in asked.text
    await browser.post("/login", answer="yes", room="pages")
    assert await knows(browser) == lena.user_id
    return list(browser.cookies.values())


async def code_on(browser: Browser) -> str:
    found = re.search(r"!link ([A-Z2-9]{4})<", (await browser.get("/login")).text)
    assert found is not None
    return found[1]


async def knows(browser: Browser) -> str | None:
    """Who is logged in."""
    text = (await browser.get("/login")).text
    found = re.search(r"counts as (@[^\s,]+), as in the chat", text)
    return found[1] if found is not None else None


async def by_links(pages: PageClient, chat: Chat) -> list[str]:
    """A personal link, and the link of a speaker."""
    personal = key_in(await chat.says("!page"))
    browser = Browser(pages)
    assert chat.client.user_id in (await browser.get(f"/login?key={personal}")).text
    await browser.post("/login", answer="yes", key=personal)
    assert await knows(browser) == chat.client.user_id
    speaker = key_in(await chat.says("!talk pages page"))
    assert "Tiny kernels" in (await pages.get("/talk", key=speaker)).text
    assert (await pages.get("/talk", key=speaker[:-1])).status == 403
    return [personal, speaker, *browser.cookies.values()]


def key_in(text: str) -> str:
    found = re.search(r"key=([\w-]{32})", text)
    assert found is not None, text
    return found[1]


async def by_widget(pages: PageClient, lena: Client) -> list[str]:
    """The homeserver confirms her client's token, and no other."""
    given = await lena.openid_token()
    server, token = given["matrix_server_name"], given["access_token"]
    path = f"/widget?{urlencode({'room': 'pages'})}"
    answer = await pages.post(path, {"matrix_server_name": server, "access_token": token})
    assert answer.status == 200, answer.text
    assert answer.json["person"] == lena.user_id
    session = answer.json["token"]
    said = await pages.post("/r/pages/ask", {"text": "How small can it get?"}, bearer=session)
    assert said.status == 200, said.text
    wrong = {"matrix_server_name": server, "access_token": f"{token}x"}
    assert (await pages.post(path, wrong)).status == 403
    return [token, session]
