"""Guests in the hall: by the code on the stage to a question on the board."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fosdembot.db.page_tables import PageSession
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import page_hall as texts
from fosdembot.web.hall import MOST_FROM_ADDRESS
from simulation.pages import Answer
from simulation.waiting import wait_for

from .known import cookie_of
from .world import ADA, CLOUD, KERNEL, MODERATOR, World, empty_database, stepped_world, world

__all__ = ["empty_database", "world"]


@pytest.fixture
async def hall(tmp_path: Path, empty_database: Path) -> AsyncIterator[World]:
    """Guests may ask and vote."""
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask_and_vote"}) as made:
        yield made


def code_of(world: World, alias: str = KERNEL) -> str:
    codes = world.bot.hall_codes
    return codes.code(alias)


def cookie(answer: Answer) -> dict[str, str]:
    """What the browser was given."""
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    return {name: value}


async def come_in(world: World, alias: str = KERNEL) -> dict[str, str]:
    """Somebody scans the code, and presses the button."""
    path = f"/g/{code_of(world, alias)}"
    page = await world.get(path)
    assert page.status == 200
    assert texts.COME_IN in page.text
    answer = await world.post(path, as_json=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/r/kernel"
    return cookie(answer)


async def test_only_the_button_lets_somebody_in(hall: World) -> None:
    """What looks at addresses before people do takes no place."""
    await hall.get(f"/g/{code_of(hall)}")
    async with hall.database.read() as session:
        assert (await session.scalars(select(PageSession))).all() == []
    await come_in(hall)
    async with hall.database.read() as session:
        [guest] = await session.scalars(select(PageSession))
    assert re.fullmatch(r"guest:\S{20,}", guest.person)
    assert (guest.talk, guest.name) == ("talk-1", "")


async def test_a_guest_is_one_however_often_they_scan(hall: World) -> None:
    guest = await come_in(hall)
    for method in ("GET", "POST"):
        path, headers = f"/g/{code_of(hall)}", {"Origin": hall.origin}
        again = await hall.request(method, path, cookie=guest, headers=headers)
        assert (again.status, again.headers["Location"]) == (303, "/r/kernel")
        assert "Set-Cookie" not in again.headers


async def test_who_is_logged_in_stays_who_they_are(hall: World) -> None:
    name, _, token = (await cookie_of(hall.bot, hall.database, ADA)).partition("=")
    answer = await hall.post(f"/g/{code_of(hall)}", as_json=False, cookie={name: token})
    assert answer.status == 303
    assert "Set-Cookie" not in answer.headers


async def test_a_code_is_too_old_after_two_steps_and_says_what_to_do(hall: World) -> None:
    path = f"/g/{code_of(hall)}"
    await hall.stepped.advance(5 * 60)
    assert (await hall.get(path)).status == 200, "who scanned it a moment ago"
    await hall.stepped.advance(5 * 60)
    for answer in (await hall.get(path), await hall.post(path, as_json=False)):
        assert answer.status == 410
        assert texts.TOO_OLD in answer.text
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("code", ["BCDFGH", "%00", "%F0%9F%99%82", "x" * 1500, "<b>"])
async def test_what_is_no_code_is_refused_in_the_same_words(hall: World, code: str) -> None:
    answer = await hall.get(f"/g/{code}")
    assert answer.status == 410
    assert texts.TOO_OLD in answer.text


async def test_another_site_lets_nobody_in(hall: World) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = await hall.post(f"/g/{code_of(hall)}", as_json=False, headers=headers)
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


async def test_where_no_guests_are_wanted_the_code_opens_nothing(world: World) -> None:
    answer = await world.get(f"/g/{code_of(world)}")
    assert answer.status == 403
    assert hall_texts.NO_GUESTS in answer.text


async def test_where_no_talk_is_on_nobody_comes_in(tmp_path: Path, empty_database: Path) -> None:
    settings = {"guests": "ask"}
    async with stepped_world(tmp_path, empty_database, at=65, pages=settings) as made:
        made.stepped.ahead += timedelta(hours=14)
        answer = await made.get(f"/g/{code_of(made)}")
        assert answer.status == 409
        assert texts.NO_TALK in answer.text


async def test_nobody_guesses_for_long(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_FROM_ADDRESS >= 2 * 1000, "a lecture hall comes in behind one address"
    monkeypatch.setattr("fosdembot.web.hall.MOST_FROM_ADDRESS", 5)
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask"}) as made:
        statuses = [(await made.get("/g/BCDFGH")).status for _ in range(5)]
        assert statuses == [410] * 5
        assert (await made.get(f"/g/{code_of(made)}")).status == 429
        assert (await made.post(f"/g/{code_of(made)}")).status == 429
        await made.stepped.advance(60)
        assert (await made.get(f"/g/{code_of(made)}")).status == 200


async def test_who_moderates_decides_by_room(world: World) -> None:
    world.say(MODERATOR, "!qa guests ask")

    async def is_open() -> bool:
        return (await world.get(f"/g/{code_of(world)}")).status == 200

    await wait_for(is_open, what="guests in KERNEL")
    assert (await world.get(f"/g/{code_of(world, CLOUD)}")).status == 403
