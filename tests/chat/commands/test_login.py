"""`!link` and `!page`: in a direct chat somebody becomes known on a page, and nobody else does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.conference.page_logins import LASTS, PageLogins
from fosdembot.db.page_tables import PageLogin, PageSession
from fosdembot.db.question_tables import Version
from tests.chat.audience import ADA, BOB
from tests.chat.floor import HOSTS, SETTINGS, answer
from tests.stage import CONTROL, KERNEL, LOBBY, MODERATOR, MakeStage, Stage

PAGES: dict[str, Any] = {"pages": {"public_url": "https://qa.example.org"}}
MINUTES = LASTS.total_seconds() / 60


@pytest.fixture
async def stage(make_stage: MakeStage, opened: Any) -> Stage:
    return await make_stage(opened, **PAGES)


async def code(stage: Stage) -> str:
    """That a page shows."""
    async with stage.database.write() as session:
        return (await PageLogins(stage.clock).begin(session)).code


async def logins(stage: Stage) -> list[tuple[str | None, str | None]]:
    """By code who typed it."""
    async with stage.database.read() as session:
        rows = await session.scalars(select(PageLogin).order_by(PageLogin.id))
        return [(row.code, row.person) for row in rows]


async def versions(stage: Stage) -> list[Any]:
    async with stage.database.read() as session:
        return list(await session.scalars(select(Version.content)))


async def test_whoever_types_the_code_is_told_what_it_does(stage: Stage) -> None:
    """Somebody else may have asked them to type what a page of theirs shows."""
    shown, chat = await code(stage), await stage.open_direct(ADA)
    said = await answer(stage, chat, ADA, f"!link {shown}")
    assert said.startswith(f"The page that shows {shown} now asks whether it is you")
    assert f"logged in as {ADA}" in said
    assert "Is that page not in front of you? Type !link off now." in said
    assert await logins(stage) == [(shown, ADA)]


@pytest.mark.parametrize(
    "typed", ["!LINK {code}", "!link {lower}", "! link  {code} ", "link {code}"]
)
async def test_it_may_be_typed_as_people_type(stage: Stage, typed: str) -> None:
    shown, chat = await code(stage), await stage.open_direct(ADA)
    said = await answer(stage, chat, ADA, typed.format(code=shown, lower=shown.lower()))
    assert "now asks whether it is you" in said


async def test_nothing_of_it_is_kept(stage: Stage) -> None:
    shown, chat = await code(stage), await stage.open_direct(ADA)
    await answer(stage, chat, ADA, f"!link {shown}")
    assert shown not in str(await versions(stage))


@pytest.mark.parametrize("typed", ["AAAA", "A", "A" * 500, "<b>x</b>", "ÄÖÜ", "7K2Q 7K2Q"])
async def test_a_wrong_code(stage: Stage, typed: str) -> None:
    shown, chat = await code(stage), await stage.open_direct(ADA)
    said = await answer(stage, chat, ADA, f"!link {typed}")
    assert said.startswith("No page shows this code, or no more.")
    assert await logins(stage) == [(shown, None)]


async def test_an_old_code(stage: Stage) -> None:
    shown, chat = await code(stage), await stage.open_direct(ADA)
    stage.clock.forward(MINUTES)
    assert "or no more" in await answer(stage, chat, ADA, f"!link {shown}")


async def test_a_code_is_for_whoever_types_it_first(stage: Stage) -> None:
    """It may be read on a screen; who comes second learns of it, and says no on the page."""
    shown = await code(stage)
    first, second = await stage.open_direct(BOB), await stage.open_direct(ADA)
    await answer(stage, first, BOB, f"!link {shown}")
    assert "Somebody else typed" in await answer(stage, second, ADA, f"!link {shown}")
    assert "now asks" in await answer(stage, first, BOB, f"!link {shown}")
    assert await logins(stage) == [(shown, BOB)]


async def test_nobody_finds_a_code_by_guessing(stage: Stage) -> None:
    shown, chat = await code(stage), await stage.open_direct(ADA)
    for _ in range(5):
        assert "No page" in await answer(stage, chat, ADA, "!link AAAA")
    assert "many wrong codes" in await answer(stage, chat, ADA, f"!link {shown}")
    assert await logins(stage) == [(shown, None)]
    # Others are not in their way.
    other = await stage.open_direct(BOB)
    assert "now asks" in await answer(stage, other, BOB, f"!link {shown}")


async def test_later_one_may_try_again(stage: Stage) -> None:
    chat = await stage.open_direct(ADA)
    for _ in range(6):
        await answer(stage, chat, ADA, "!link AAAA")
    stage.clock.forward(10)
    assert "now asks" in await answer(stage, chat, ADA, f"!link {await code(stage)}")


@pytest.mark.parametrize("command", ["!link 7K2Q", "!link", "!link off", "!page"])
@pytest.mark.parametrize(
    ("room", "person"), [(KERNEL, ADA), (HOSTS, MODERATOR), (CONTROL, MODERATOR), (LOBBY, ADA)]
)
async def test_elsewhere_it_says_where(
    make_stage: MakeStage, opened: Any, command: str, room: str, person: str
) -> None:
    async def with_hosts(stage: Stage) -> None:
        await stage.open(HOSTS)

    stage = await make_stage(opened, prepared=with_hosts, **SETTINGS, **PAGES)
    assert "type it in a direct chat with me" in await answer(stage, room, person, command)
    assert await logins(stage) == []


async def test_nobody_else_in_a_direct_chat_is_alone_with_the_bot(stage: Stage) -> None:
    shown, chat = await code(stage), await stage.open_direct(ADA)
    assert "in a direct chat" in await answer(stage, chat, BOB, f"!link {shown}")
    assert await logins(stage) == [(shown, None)]


@pytest.mark.parametrize("command", ["!link {code}", "!page", "!link off"])
async def test_nobody_for_whom_a_relay_speaks_is_known(
    make_stage: MakeStage, opened: Any, command: str
) -> None:
    relay = "@relay:example.org"
    stage = await make_stage(opened, **PAGES, questions={"relays": [relay]})
    shown, chat = await code(stage), await stage.open_direct(relay)
    typed = command.format(code=shown)
    for body in (typed, f"<lena> {typed}"):
        assert "no page can know who you are" in await answer(stage, chat, relay, body)
    other = await stage.open_direct(ADA)
    assert "no page can know" in await answer(stage, other, ADA, f"<lena> {typed}")
    assert await logins(stage) == [(shown, None)]


async def test_without_pages_it_says_so(conference: Stage) -> None:
    chat = await conference.open_direct(ADA)
    for command in ("!link 7K2Q", "!page"):
        assert "There are no pages" in await answer(conference, chat, ADA, command)


async def test_a_personal_link(stage: Stage) -> None:
    chat = await stage.open_direct(ADA)
    said = await answer(stage, chat, ADA, "!page")
    found = re.search(r"https://qa\.example\.org/login\?key=([\w-]{32}) ", said)
    assert found is not None
    assert "Give it to nobody" in said
    async with stage.database.read() as session:
        login = await PageLogins(stage.clock).invited(session, found[1])
    assert login is not None
    assert login.person == ADA
    stage.clock.forward(MINUTES)
    async with stage.database.read() as session:
        assert await PageLogins(stage.clock).invited(session, found[1]) is None


async def test_one_takes_it_all_back(stage: Stage) -> None:
    """Whoever typed a stranger's code has a way out."""
    shown, chat = await code(stage), await stage.open_direct(ADA)
    await answer(stage, chat, ADA, f"!link {shown}")
    await answer(stage, chat, ADA, "!page")
    async with stage.database.write() as session:
        await stage.bot.page_sessions.start(session, ADA, "Ada")
        await stage.bot.page_sessions.start(session, BOB, "Bob")
    assert await answer(stage, chat, ADA, "!link off") == "You are logged out on all pages."
    assert await logins(stage) == []
    async with stage.database.read() as session:
        assert list(await session.scalars(select(PageSession.person))) == [BOB]


async def test_usage_warns_before_it_is_too_late(stage: Stage) -> None:
    chat = await stage.open_direct(ADA)
    said = await answer(stage, chat, ADA, "!link")
    assert "Type nobody else's code" in said
