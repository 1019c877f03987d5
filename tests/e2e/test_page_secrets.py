"""No log of a real process has a secret of the pages: not nginx's or Caddy's, by the lines in
docs/pages.md, not that of the full maubot server, which notes each request, and not the bot's
own."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from simulation.bot import EVERYTHING
from simulation.caddy import Caddy
from simulation.maubot_server import MaubotServer
from simulation.nginx import Nginx
from simulation.pages import PageClient
from simulation.postgres import Postgres

from .test_pages import ACCOUNT, behind, conference

SECRET = "S3CR3T-that-nobody-may-read-in-a-log"


async def show_secrets(client: PageClient) -> None:
    """Wherever one can stand, right or wrong: whoever mistypes one character shows the rest."""
    for path in ("/talk", "/talk/", "/talk/events", "/overlay", "/login", "/r/kernel", "/nowhere"):
        await client.get(path, key=SECRET)
    for path in ("/talk/do", "/r/kernel/vote", "/login", "/logout", "/widget"):
        await client.post(path, {"key": SECRET, "access_token": SECRET}, key=SECRET)
        await client.post(path, {"question": "1"}, bearer=SECRET)
    await client.get("/talk", headers={"X-Page-Key": SECRET})
    await client.get("/r/kernel", cookie={"fosdembot": SECRET})
    given = {"access_token": SECRET, "matrix_server_name": "unknown.invalid"}
    await client.post("/widget?room=kernel", given)


@pytest.mark.parametrize("server", [Nginx, Caddy])
async def test_a_web_server_and_the_bot(new_folder: Path, server: type[Nginx | Caddy]) -> None:
    make = partial(server, new_folder / "server", path="/qa")
    async with behind(make, new_folder, EVERYTHING) as (bot, proxy, _, client):
        await show_secrets(client)
        await bot.stop()
        # Open pages go on asking while the bot restarts.
        assert (await client.get("/talk/events", key=SECRET)).status == 502
        assert "/qa/talk" in proxy.noted()
        assert SECRET not in proxy.noted() + bot.log_text()


async def test_the_full_maubot_server(new_folder: Path, postgres: Postgres, plugin: Path) -> None:
    url = await postgres.create_database("secrets")
    async with MaubotServer(new_folder / "maubot", url, EVERYTHING, plugin) as server:
        public = server.page("pages").rstrip("/")
        async with conference(new_folder, public) as it, PageClient(public) as client:
            await server.add_client(ACCOUNT, it.server.url)
            await server.add_instance("pages", ACCOUNT.user_id, it.config)
            await it.is_there()
            await show_secrets(client)
        log = server.log_text()
        assert "/pages/talk" in log, "each request is noted"
        assert SECRET not in log
