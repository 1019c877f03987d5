"""`!talk page`: who gets which secret link, where it is told, and that it can be revoked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.conference import page_links
from fosdembot.conference.page_links import Link, LinkKind, NoLink
from fosdembot.db.page_tables import PageLink
from tests.chat.audience import ADA
from tests.chat.floor import HOST, HOSTS, SETTINGS, answer, join_hosts
from tests.stage import CONTROL, KERNEL, MODERATOR, ORGANISER, MakeStage, Stage, in_room

GRACE = "@grace:example.org"
"""Speaks second in KERNEL."""
CONFERENCE: dict[str, Any] = {
    **SETTINGS,
    "pages": {"public_url": "https://qa.example.org", "link_days": 5},
    "speakers": {"talk-2": [GRACE]},
}
_KEY = re.compile(r"https://qa\.example\.org/(talk|overlay)\?key=([\w-]{32})")


@pytest.fixture
async def stage(make_stage: MakeStage, opened: Any) -> Stage:
    """It is 10:05: "Tiny kernels" is on, Grace speaks next."""

    async def prepared(stage: Stage) -> None:
        stage.clock.set(65)
        await stage.open(HOSTS)
        await join_hosts(stage, HOST)

    return await make_stage(opened, prepared=prepared, **CONFERENCE)


async def opened_by(stage: Stage, text: str) -> Link:
    """What the link in a text opens."""
    (found,) = _KEY.findall(text)
    async with stage.database.read() as session:
        return await stage.bot.page_links.find(session, found[1], stage.clock.now())


async def host_types(stage: Stage, typed: str) -> str:
    return await answer(stage, HOSTS, HOST, f"!talk kernel {typed}")


async def made(stage: Stage) -> list[tuple[str, str | None]]:
    async with stage.database.read() as session:
        rows = await session.scalars(select(PageLink).order_by(PageLink.id))
        return [(row.kind, row.made_by) for row in rows]


async def test_a_moderator_gets_the_speaker_s_link_to_pass_on(stage: Stage) -> None:
    said = await answer(stage, HOSTS, HOST, "!talk kernel page")
    link = await opened_by(stage, said)
    assert (link.kind, link.talk, link.name) == (LinkKind.SPEAKER, "talk-1", "Ada L.")
    assert "speaker's page of Tiny kernels" in said
    assert "until 5 days after the talk" in said
    assert "!talk kernel page revoke 1" in said
    assert await made(stage) == [("speaker", HOST)]


async def test_of_any_talk_of_the_room(stage: Stage) -> None:
    link = await opened_by(stage, await answer(stage, HOSTS, HOST, "!talk kernel page 2"))
    assert (link.talk, link.name) == ("talk-2", "Grace H.")


async def test_a_link_for_moderators(stage: Stage) -> None:
    said = await answer(stage, HOSTS, HOST, "!talk kernel page moderator 2")
    link = await opened_by(stage, said)
    assert (link.kind, link.talk, link.name) == (LinkKind.MODERATOR, "talk-2", "a moderator")


async def test_a_link_for_the_overlay(stage: Stage) -> None:
    said = await answer(stage, HOSTS, HOST, "!talk kernel page overlay")
    assert "https://qa.example.org/overlay?key=" in said
    link = await opened_by(stage, said)
    assert (link.kind, link.address, link.talk) == (LinkKind.OVERLAY, KERNEL, None)


async def test_a_speaker_gets_the_own_link(stage: Stage) -> None:
    """Of the own talk, whichever is on."""
    chat = await stage.open_direct(GRACE)
    said = await answer(stage, chat, GRACE, "!talk kernel page")
    link = await opened_by(stage, said)
    assert (link.kind, link.talk) == (LinkKind.SPEAKER, "talk-2")
    assert "revoke" not in said


@pytest.mark.parametrize(
    "typed", ["page 1", "page moderator", "page moderator 2", "page overlay", "page revoke"]
)
async def test_and_no_other(stage: Stage, typed: str) -> None:
    chat = await stage.open_direct(GRACE)
    said = await answer(stage, chat, GRACE, f"!talk kernel {typed}")
    assert "https" not in said
    assert said
    assert await made(stage) == []


@pytest.mark.parametrize("typed", ["page", "page 2", "page moderator", "page overlay"])
async def test_others_get_none(stage: Stage, typed: str) -> None:
    chat = await stage.open_direct(ADA)
    for alias, body in ((chat, f"!talk kernel {typed}"), (KERNEL, f"!talk {typed}")):
        assert "https" not in await answer(stage, alias, ADA, body)
    assert "https" not in await answer(stage, KERNEL, MODERATOR, f"<x> !talk {typed}")
    assert await made(stage) == []


@pytest.mark.parametrize(
    ("person", "typed", "kind"),
    [
        (MODERATOR, "page", "speaker"),
        (MODERATOR, "page moderator", "moderator"),
        (MODERATOR, "page overlay", "overlay"),
        (GRACE, "page", "speaker"),
    ],
)
async def test_in_public_no_secret_is_told(
    stage: Stage, person: str, typed: str, kind: str
) -> None:
    """It goes into the direct chat with whoever asked."""
    said = await answer(stage, KERNEL, person, f"!talk {typed}")
    assert f"without encryption, and type !talk kernel {typed} there" in said
    assert await made(stage) == []
    chat = await stage.open_direct(person)
    news = await stage.say(KERNEL, person, f"!talk {typed}")
    assert "https" not in "".join(in_room(news, KERNEL))
    (told,) = in_room(news, chat)
    assert (await opened_by(stage, told)).kind == kind


@pytest.mark.parametrize("typed", ["page", "page moderator", "page overlay"])
async def test_how_to_revoke_it_is_said_for_where_the_link_is_read(
    stage: Stage, typed: str
) -> None:
    chat = await stage.open_direct(MODERATOR)
    (told,) = in_room(await stage.say(KERNEL, MODERATOR, f"!talk {typed}"), chat)
    revoke = told.rpartition("invalid: ")[2]
    assert (await answer(stage, chat, MODERATOR, revoke)).startswith("Revoked: 1 link")


async def test_revoked_links_open_nothing(stage: Stage) -> None:
    texts = [
        await answer(stage, HOSTS, HOST, f"!talk kernel {typed}")
        for typed in ("page", "page moderator", "page overlay", "page 2")
    ]
    said = await answer(stage, HOSTS, HOST, "!talk kernel page revoke 1")
    assert said == "Revoked: 2 links for Tiny kernels."
    for text in texts[:2]:
        with pytest.raises(NoLink):
            await opened_by(stage, text)
    for text in texts[2:]:
        await opened_by(stage, text)
    said = await answer(stage, HOSTS, HOST, "!talk kernel page revoke overlay")
    assert said == "Revoked: 1 link for the overlay of kernel."
    with pytest.raises(NoLink):
        await opened_by(stage, texts[2])
    said = await answer(stage, HOSTS, HOST, "!talk kernel page revoke 1")
    assert said == "There was none to revoke."


async def test_too_many(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_links, "MOST", 1)
    await answer(stage, HOSTS, HOST, "!talk kernel page")
    assert "!talk kernel page revoke 1" in await host_types(stage, "page")
    assert len(await made(stage)) == 1


async def test_of_what_there_are_too_many_is_to_be_revoked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though another talk is on."""
    monkeypatch.setattr(page_links, "MOST", 1)
    for typed, revoke in (("page moderator 2", "2"), ("page overlay", "overlay")):
        await host_types(stage, typed)
        assert f"!talk kernel page revoke {revoke}" in await host_types(stage, typed)
        assert (await host_types(stage, f"page revoke {revoke}")).startswith("Revoked: 1 link")
        assert "https" in await host_types(stage, typed)


async def test_organisers_too(stage: Stage) -> None:
    await opened_by(stage, await answer(stage, CONTROL, ORGANISER, "!talk kernel page"))


async def test_help(stage: Stage) -> None:
    said = await answer(stage, HOSTS, HOST, "!talk kernel page help")
    assert "!talk kernel page revoke [ID]" in said


async def test_without_pages_it_says_so(floor: Stage) -> None:
    said = await answer(floor, HOSTS, HOST, "!talk kernel page")
    assert "There are no pages" in said
