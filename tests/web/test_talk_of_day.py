"""How a moderator who is logged in gets from one talk of the room to another."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from fosdembot.settings import Settings
from fosdembot.talks.room_talks import RoomTalks, StageTalks
from fosdembot.talks.slots import Override, build_slots
from fosdembot.web.talk_heads import to_prepare
from tests.talks.programme import BRUSSELS, at, talk

from .talk_desk import OTHER, TALK, asked, by_cookie, listed, moderator
from .world import MODERATOR, World, empty_database, world

__all__ = ["empty_database", "world"]


def devroom(now: str, day: int = 31, month: int = 1) -> StageTalks:
    talks = [
        talk("a", "10:00", 25),
        talk("b", "10:25", 25),
        talk("gone", "11:00", 25),
        talk("c", "14:00", 25),
        talk("d", at("10:00", day=1, month=2)),
    ]
    slots = build_slots(talks, {"gone": Override(cancelled=True)}, Settings())
    return RoomTalks(slots, at(now, day=day, month=month), BRUSSELS)


@pytest.mark.parametrize(
    ("now", "prepared"),
    [
        ("9:00", ["a"]),
        ("10:00", ["a"]),
        ("10:04:59", ["a"]),
        ("10:05", ["b"]),
        ("10:30", []),
        ("12:59", []),
        ("13:00", ["c"]),
    ],
)
def test_a_herald_prepares_what_begins_within_the_hour(now: str, prepared: list[str]) -> None:
    """Who introduces a speaker keeps the card for a while; else it is as on the other pages."""
    talks = devroom(now)
    expected = prepared or [slot.talk.guid for slot in talks.current]
    assert [slot.talk.guid for slot in to_prepare(talks)] == expected


@pytest.mark.parametrize(
    ("day", "month", "listed"),
    [(30, 1, ["a", "b", "gone", "c"]), (31, 1, ["a", "b", "gone", "c"]), (1, 2, ["d"])],
)
def test_the_talks_of_the_day_are_those_of_the_nearest_that_has_some(
    day: int, month: int, listed: list[str]
) -> None:
    assert [slot.talk.guid for slot in devroom("12:00", day, month).of_day] == listed


def test_after_the_last_day_its_talks_are_listed() -> None:
    assert [slot.talk.guid for slot in devroom("12:00", 5, 2).of_day] == ["d"]
    assert RoomTalks((), at("12:00"), BRUSSELS).of_day == ()


def links(page: str) -> list[tuple[str, bool]]:
    """The links to talks, and whether it is the one that is shown."""
    found = re.findall(r'<a href="(\?talk=[^"]*)"( aria-current="page")?>', page)
    return [(unescape(url), bool(current)) for url, current in found]


async def test_each_talk_of_the_day_is_one_link_away(world: World) -> None:
    who = await by_cookie(world, MODERATOR)
    page = (await world.get("/r/kernel/moderate", **who)).text
    assert links(page) == [("?talk=talk-1", True), ("?talk=talk-2", False), ("?talk=talk-3", False)]
    for view in ("aloud", "card"):
        page = (await world.get(f"/r/kernel/moderate?view={view}&talk={TALK}", **who)).text
        assert links(page)[:2] == [
            (f"?talk=talk-1&view={view}", True),
            (f"?talk=talk-2&view={view}", False),
        ]
        assert f'<a href="?view={view}">Follow what is on</a>' in page


async def test_what_waits_of_the_talk_before_can_be_reached(world: World) -> None:
    [one] = await asked(world, "One?")
    await world.stepped.advance(25 * 60)
    who = await by_cookie(world, MODERATOR)
    page = (await world.get("/r/kernel/moderate", **who)).text
    assert "Big kernels</h1>" in page
    [(before, _), *_] = links(page)
    assert listed((await world.get(f"/r/kernel/moderate{before}", **who)).text) == [f"q{one}"]


async def test_where_nothing_is_on_the_talks_of_the_day_are_offered(world: World) -> None:
    who = await by_cookie(world, MODERATOR)
    world.stepped.ahead += timedelta(hours=8)
    await world.stepped.advance(60)
    for view, kept in (("", ""), ("?view=aloud", "&view=aloud"), ("?view=card", "&view=card")):
        page = (await world.get(f"/r/kernel/moderate{view}", **who)).text
        assert "Nothing is on here now" in page
        expected = [f"?talk=talk-{number}{kept}" for number in (1, 2, 3)]
        assert [url for url, _ in links(page)] == expected, view


async def test_the_card_is_that_of_the_next_talk(world: World) -> None:
    who = await by_cookie(world, MODERATOR)
    page = (await world.get("/r/kernel/moderate?view=card", **who)).text
    assert "ask Grace H. in." in page
    assert "Big kernels</h1>" in page


async def test_a_secret_link_leads_to_its_talk_alone(world: World) -> None:
    key = await moderator(world)
    for view in ("", "?view=aloud", "?view=card"):
        assert links((await world.get(f"/talk{view}", key=key)).text) == []


async def test_the_board_of_a_talk_leads_to_its_moderators_page(world: World) -> None:
    who = await by_cookie(world, MODERATOR)
    board = (await world.get(f"/r/kernel/t/{OTHER}", **who)).text
    assert f'/r/kernel/moderate?talk={OTHER}"' in board
    assert '/r/kernel/moderate"' in (await world.get("/r/kernel", **who)).text
