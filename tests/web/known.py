"""Makes people known on pages without a page: they are logged in, or have a secret link."""

from __future__ import annotations

from datetime import timedelta

from fosdembot.bot import Bot
from fosdembot.conference.page_links import LinkFor, LinkKind
from fosdembot.db.engine import Database
from fosdembot.web.cookies import Cookies
from fosdembot.web.visitors import KEY_HEADER

from .world import Opened, World


async def logged_in(bot: Bot, database: Database, person: str, name: str = "") -> dict[str, str]:
    """The header that a page in a frame sends for somebody with a Matrix account."""
    async with database.write() as session:
        token = await bot.page_sessions.start(session, person, name)
    return {"Authorization": f"Bearer {token}"}


async def cookie_of(bot: Bot, database: Database, person: str, name: str = "") -> str:
    """The cookie, as `name=value`, that their browser sends outside of frames. Each POST needs an
    `Origin` as well."""
    async with database.write() as session:
        token = await bot.page_sessions.start(session, person, name)
    return f"{_cookies(bot).name()}={token}"


async def seen_as(world: World, it: Opened, person: str, name: str = "") -> None:
    """Their browser shows it; the page is loaded anew."""
    named, _, token = (await cookie_of(world.bot, world.database, person, name)).partition("=")
    await it.context.add_cookies([{"name": named, "value": token, "url": world.origin}])
    await it.page.reload()


async def guest(bot: Bot, database: Database, talk: str, minutes: float = 60) -> str:
    """The cookie, as `name=value`, of somebody in the hall during a talk (its guid)."""
    expires = bot.page_sessions.clock.now() + timedelta(minutes=minutes)
    async with database.write() as session:
        token = await bot.page_sessions.start_guest(session, talk, expires)
    return f"{_cookies(bot).name()}={token}"


async def key_of(
    bot: Bot, database: Database, talk: str, kind: LinkKind = LinkKind.SPEAKER, name: str = "Ada"
) -> str:
    """The key of a new link for a talk (its guid)."""
    return await _key(bot, database, LinkFor(kind, talk=talk), name)


async def overlay_key(bot: Bot, database: Database, address: str) -> str:
    """The key of a new link for the overlay of a talk room."""
    return await _key(bot, database, LinkFor(LinkKind.OVERLAY, address=address), "")


def header_of(key: str) -> dict[str, str]:
    """As the page's own script sends a key."""
    return {KEY_HEADER: key}


def _cookies(bot: Bot) -> Cookies:
    return Cookies(bot.page_addresses.settings.pages.public_url)


async def _key(bot: Bot, database: Database, for_what: LinkFor, name: str) -> str:
    async with database.write() as session:
        return await bot.page_links.make(session, for_what, name, bot.page_sessions.clock.now())
