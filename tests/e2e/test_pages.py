"""Pages of real processes: standalone behind nginx or Caddy, under the full maubot server; stopped
while they are open, and killed while people vote."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest
from sqlalchemy import select

from fosdembot.cli.log_config import LOGGING
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.db.engine import Database, sqlite
from fosdembot.db.question_tables import Question, Vote
from fosdembot.plugin import make_clock
from fosdembot.settings import load
from fosdembot.web.cookies import Cookies
from simulation.bot import Bot
from simulation.caddy import Caddy
from simulation.conference import MANY, settings, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.homeserver import Account
from simulation.maubot_server import MaubotServer
from simulation.nginx import Nginx
from simulation.pages import Answer, PageClient
from simulation.postgres import Postgres
from simulation.proxy import Proxy
from simulation.waiting import wait_for
from tests.web.world import (
    ADA,
    BOB,
    BOT,
    DURING,
    EVE,
    HOSTS,
    KERNEL,
    MODERATOR,
    PROGRAMME,
    make_rooms,
)

ACCOUNT = Account(BOT, "DEVICE", f"{BOT}|DEVICE", "")
OPEN = 20
VOTERS = 40
P = TypeVar("P", bound=Proxy)


@dataclass
class Conference:
    """A bot in its own process, and the rooms of a fake homeserver."""

    server: FakeHomeserver
    config: dict[str, Any]
    folder: Path

    async def ask(self, text: str) -> str:
        """Somebody asks in the room; returns the event, once the bot has answered it."""
        room = self.server.rooms[self.server.aliases[KERNEL]]
        event = room.say(ADA, f"!ask {text}")

        async def is_asked() -> bool:
            answers = (e["content"] for e in room.events if e["sender"] == BOT)
            return any(a.get("m.relates_to", {}).get("event_id") == event for a in answers)

        await wait_for(is_asked, what="that it is a question")
        return event

    def react(self, event: str) -> None:
        self.server.rooms[self.server.aliases[KERNEL]].react(BOB, event, "👍")

    async def answer(self, person: str, text: str) -> str:
        """What the bot answers somebody in a direct chat."""
        chat = self.server.create_room(creator=person, public=False)
        chat.set_membership(person, BOT, "invite", is_direct=True)

        async def joined() -> bool:
            return chat.membership(BOT) == "join"

        await wait_for(joined, what="the bot in the direct chat")
        event = chat.say(person, text)

        async def answered() -> str | None:
            said = [e["content"] for e in chat.by(BOT)]
            replies = (c for c in said if "m.in_reply_to" in c.get("m.relates_to", {}))
            own = (c for c in replies if c["m.relates_to"]["m.in_reply_to"]["event_id"] == event)
            return next((c["body"] for c in own), None)

        return str(await wait_for(answered, what=f"an answer to {text}"))

    async def is_there(self) -> None:
        """Until the bot is in its rooms, and tells of the talk."""

        async def told() -> bool:
            room = self.server.rooms[self.server.aliases[KERNEL]]
            return any("Tiny kernels" in e["content"].get("body", "") for e in room.by(BOT))

        await wait_for(told, what="the talk in its room")


@asynccontextmanager
async def conference(folder: Path, url: str) -> AsyncIterator[Conference]:
    """`url`: the public address of its pages."""
    async with FakeHomeserver() as server:
        make_rooms(server)
        schedule = folder / "schedule.xml"
        write_schedule(schedule, PROGRAMME)
        more: dict[str, Any] = {"hosts": {"*": HOSTS}, "limits": MANY, "pages": {"public_url": url}}
        yield Conference(server, settings(schedule, at=DURING, **more), folder)


@asynccontextmanager
async def _started(
    bot: Bot, url: str, **pages: Any
) -> AsyncIterator[tuple[Conference, PageClient]]:
    """A bot whose pages are at `url` for the public."""
    async with AsyncExitStack() as stack:
        it = await stack.enter_async_context(conference(bot.folder.parent, url))
        bot._homeserver_url, bot.plugin_config = it.server.url, it.config
        bot.plugin_config["pages"] |= pages
        stack.callback(bot.kill)
        await bot.start()
        await it.is_there()
        yield it, await stack.enter_async_context(PageClient(url))


@asynccontextmanager
async def standalone(folder: Path) -> AsyncIterator[tuple[Bot, Conference, PageClient]]:
    bot = Bot(folder / "bot", "", ACCOUNT, {})
    async with _started(bot, bot.url) as (it, client):
        yield bot, it, client


@asynccontextmanager
async def behind(
    make: Callable[[str], P], folder: Path, logging: Mapping[str, Any] = LOGGING, **pages: Any
) -> AsyncIterator[tuple[Bot, P, Conference, PageClient]]:
    """`make`: of the bot's own address, the web server before it."""
    bot = Bot(folder / "bot", "", ACCOUNT, {})
    bot.logging = logging
    proxy = make(bot.url)
    if proxy.program() is None:
        pytest.skip(f"needs {proxy.name}. On Debian: sudo apt install {proxy.package}")
    async with proxy, _started(bot, proxy.url, proxies=1, **pages) as (it, client):
        yield bot, proxy, it, client


async def test_it_ends_at_once_though_pages_are_open(new_folder: Path) -> None:
    async with standalone(new_folder) as (bot, _, client), AsyncExitStack() as stack:
        pages = [
            await stack.enter_async_context(client.stream("/r/kernel/events")) for _ in range(OPEN)
        ]
        for page in pages:
            await page.until(lambda it: it.events)
        began = time.monotonic()
        await bot.stop()
        assert time.monotonic() - began < 5
        for page in pages:
            await page.until(lambda it: it.is_over, "the end")
        assert "Traceback" not in bot.log_text()


async def _log_in(it: Conference, database: Database, url: str) -> list[dict[str, str]]:
    """A cookie for each voter."""
    loaded, _ = load(it.config)
    sessions = PageSessions(loaded, make_clock(loaded.clock))
    name = Cookies(url).name()
    cookies = []
    for number in range(VOTERS):
        async with database.write() as session:
            token = await sessions.start(session, f"@voter{number}:{SERVER}", f"Voter {number}")
        cookies.append({name: token})
    return cookies


async def test_no_vote_that_was_confirmed_is_lost_when_it_is_killed(new_folder: Path) -> None:
    """Each comes again until it is confirmed, with its own key, and counts once."""
    async with standalone(new_folder) as (bot, it, client):
        await it.ask("How small?")
        database = sqlite(str(bot.folder / "bot.db"))
        cookies = await _log_in(it, database, bot.url)
        confirmed: set[int] = set()

        async def vote(number: int) -> None:
            act = f"act{number}"
            while number not in confirmed:
                try:
                    answer = await client.post(
                        "/r/kernel/vote", {"question": "1"}, cookie=cookies[number], act=act
                    )
                except (aiohttp.ClientError, ConnectionError):
                    await asyncio.sleep(0.05)
                    continue
                if answer.status == 200:
                    confirmed.add(number)
                else:
                    assert answer.status in (404, 503), answer.text
                    await asyncio.sleep(0.05)

        async def voters() -> set[str]:
            async with database.read() as session:
                found = await session.scalars(select(Vote.person))
                return set(found)

        for start in range(0, VOTERS, 10):
            voting = [asyncio.create_task(vote(n)) for n in range(start, start + 10)]
            # In the middle: some are confirmed, some are not.
            while len(confirmed) < start + 3:
                await asyncio.sleep(0)
            bot.kill()
            sure = {f"@voter{n}:{SERVER}" for n in confirmed}
            assert sure <= await voters()
            await bot.start()
            await asyncio.gather(*voting)
        async with database.read() as session:
            counted = (await session.scalars(select(Question.votes))).one()
        assert (len(await voters()), counted) == (VOTERS, VOTERS)
        await database.close()


async def _is_right(it: Conference, client: PageClient) -> None:
    """Links lead to pages, streams are told at once, and cookies go back and forth."""
    event = await it.ask("How small?")
    base = client.url.removeprefix(client.origin)
    await _a_person_logs_in_and_votes(it, client, base)
    await _a_guest_types_the_code(it, client, base)
    page = await client.get("/r/kernel")
    assert page.status == 200
    for path in (f'href="{base}/"', f'href="{base}/static/', f'src="{base}/static/'):
        assert path in page.text
    style = page.text.partition(f'href="{base}/static/')[2].partition('"')[0]
    assert (await client.get(f"/static/{style}")).headers["Content-Type"].startswith("text/css")
    assert (await client.get("/")).status == 200
    assert (await client.get("/healthz")).text == "Alive.\n"
    async with client.stream("/r/kernel/events") as stream:
        await stream.sees("How small?")
        before = len(stream.events)
        began = time.monotonic()
        it.react(event)
        await stream.until(lambda it: len(it.events) > before, "the vote", seconds=20)
        # A proxy that buffers would keep it for much longer.
        assert time.monotonic() - began < 5
    answer: Answer = await client.post("/r/kernel/vote", {"question": "1"})
    assert answer.status == 401
    other = await client.post(
        "/r/kernel/vote", {"question": "1"}, headers={"Origin": "https://evil.example.org"}
    )
    assert other.status in (401, 403)


async def _a_person_logs_in_and_votes(it: Conference, client: PageClient, base: str) -> None:
    key = re.search(r"/login\?key=([\w-]+)", await it.answer(EVE, "!page"))
    assert key is not None
    answer = await client.post("/login", {"key": key[1], "answer": "yes"}, as_json=False)
    cookie = await _came_in(client, answer, base, to="/")
    voted = await client.post("/r/kernel/vote", {"question": "1"}, cookie=cookie)
    assert voted.status == 200, voted.text
    # Without JavaScript: back to where the page is for the browser.
    again = await client.post("/r/kernel/vote", {"question": "1"}, cookie=cookie, as_json=False)
    assert (again.status, again.headers["Location"]) == (303, f"{base}/r/kernel")


async def _a_guest_types_the_code(it: Conference, client: PageClient, base: str) -> None:
    """What the stage shows."""
    room = it.server.rooms[it.server.aliases[KERNEL]]
    room.say(MODERATOR, "!qa guests ask")
    code: list[str] = []

    async def is_shown() -> bool:
        stage = await client.get("/r/kernel?view=stage")
        code[:] = re.findall(r">/g/(\w{6})<", stage.text)
        return bool(code)

    await wait_for(is_shown, what="a code on the stage")
    typed = await client.get(f"/g?code={code[0].lower()}")
    assert (typed.status, typed.headers["Location"]) == (303, f"{base}/g/{code[0]}")
    answer = await client.post(f"/g/{code[0]}", as_json=False)
    cookie = await _came_in(client, answer, base, to="/r/kernel")
    asked = await client.post("/r/kernel/ask", {"text": "Who?"}, cookie=cookie)
    assert asked.status == 200, asked.text


async def _came_in(client: PageClient, answer: Answer, base: str, to: str) -> dict[str, str]:
    """The cookie as a browser sends it back to the pages, which lead it on."""
    cookie = SimpleCookie(answer.headers["Set-Cookie"])
    [(name, morsel)] = cookie.items()
    assert f"{base}/".startswith(morsel["path"]), morsel.OutputString()
    kept, way = {name: morsel.value}, answer.headers["Location"]
    assert way.startswith(f"{base}/")
    led = await client.get(way.removeprefix(base), cookie=kept)
    assert (led.status, led.headers["Location"]) == (303, base + to)
    return kept


@pytest.mark.parametrize("server", [Nginx, Caddy])
async def test_behind_a_path(new_folder: Path, server: type[Nginx | Caddy]) -> None:
    make = partial(server, new_folder / "server", path="/conference/qa")
    async with behind(make, new_folder) as (_, _, it, client):
        await _is_right(it, client)


async def test_under_the_full_maubot_server(
    new_folder: Path, postgres: Postgres, plugin: Path
) -> None:
    """Also after its settings have changed: pages go on with the new bot."""
    url = await postgres.create_database("maubot")
    async with MaubotServer(new_folder / "maubot", url, plugin=plugin) as server:
        public = server.page("pages").rstrip("/")
        async with conference(new_folder, public) as it, PageClient(public) as client:
            await server.add_client(ACCOUNT, it.server.url)
            await server.add_instance("pages", BOT, it.config)
            await it.is_there()
            await _is_right(it, client)
            async with client.stream("/r/kernel/events") as stream:
                await stream.sees("How small?")
                changed = {**it.config, "command_prefix": "?"}
                await server.change_instance("pages", config=changed)
                await stream.until(lambda page: page.is_over, "the end", seconds=20)

            async def is_back() -> bool:
                return (await client.get("/r/kernel")).status == 200

            await wait_for(is_back, what="the page")
            async with client.stream("/r/kernel/events") as stream:
                await stream.sees("How small?")
                # Switched off, as on its page. maubot itself would wait for five seconds.
                await server.change_instance("pages", started=False)
                await stream.until(lambda page: page.is_over, "the end", seconds=20)
