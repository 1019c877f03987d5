"""Taking part on the page of a talk room by HTTP: asking, voting, and taking either back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fosdembot.web.taking_part import MOST_VOTES

from .known import guest, logged_in
from .test_room_page import SECRET, page, until_shown
from .world import (
    BOB,
    CLOUD,
    EVE,
    HOSTS,
    KERNEL,
    MODERATOR,
    World,
    empty_database,
    stepped_world,
    world,
)

__all__ = ["empty_database", "world"]


async def test_who_is_not_known_reads_and_is_told_how_to_take_part(world: World) -> None:
    await world.ask("How small?")
    text = await page(world)
    assert "/login?room=kernel" in text
    assert "<form" not in text
    for deed in ("ask", "vote", "unvote", "withdraw"):
        answer = await world.post(f"/r/kernel/{deed}", {"question": "1", "text": "How?"})
        assert answer.status == 401
        assert "must know who you are" in answer.json["error"]
    assert await world.votes(1) == 0


async def test_a_question_from_the_page_is_in_the_room_to_be_voted_on(world: World) -> None:
    bob = await logged_in(world.bot, world.database, BOB, "Bob")
    answer = await world.post("/r/kernel/ask", {"text": "How small?"}, headers=bob)
    assert answer.json["said"] == 'Your question is number 1, for "Tiny kernels".'
    await world.running.heard(KERNEL, "1 How small? – Bob")
    await world.running.heard(HOSTS, "How small?")
    posts = [e for e in world.running.room(KERNEL).events if "How small?" in str(e["content"])]
    world.react(EVE, posts[0]["event_id"])
    await until_shown(world, 'data-votes="1"')


async def test_a_vote_on_the_page_and_one_in_the_room_are_one(world: World) -> None:
    number, event = await world.ask("How small?")
    bob = await logged_in(world.bot, world.database, BOB)
    form = {"question": str(number)}
    assert (await world.post("/r/kernel/vote", form, headers=bob)).status == 200
    world.react(BOB, event)
    await world.running.quiet()
    assert await world.votes(number) == 1
    facts = (await world.get("/r/kernel/mine", headers=bob)).json
    assert facts["pressed"] == ["q1"]
    assert 'aria-pressed="true"' in await page(world, person=BOB)
    assert 'aria-pressed="true"' not in await page(world, person=EVE)
    assert (await world.post("/r/kernel/unvote", form, headers=bob)).status == 200
    assert await world.votes(number) == 0


async def test_what_is_sent_twice_is_done_once(world: World) -> None:
    bob = await logged_in(world.bot, world.database, BOB)
    for _ in range(2):
        answer = await world.post("/r/kernel/ask", {"text": "How?"}, act="a1", headers=bob)
        assert (answer.status, "number 1" in answer.json["said"]) == (200, True)
    assert (await page(world)).count('class="number"') == 1


async def test_what_is_refused_is_said_in_words(world: World) -> None:
    await world.ask("How small?", BOB)
    bob = await logged_in(world.bot, world.database, BOB)
    refused = [
        ("ask", {"text": " "}, "Write your question first"),
        ("ask", {"text": "x" * 1001}, "1,001 characters"),
        ("ask", {"text": "How small?"}, "it is question 1"),
        ("ask", {"text": "How?", "talk": "talk-11"}, "does not take place here"),
        ("vote", {"question": "1"}, "your own question"),
        ("vote", {"question": "99"}, "no such question"),
        ("vote", {"question": "1; DROP TABLE"}, "no such question"),
        ("vote", {}, "no such question"),
        ("unvote", {"question": "1"}, "not voted"),
    ]
    for deed, form, words in refused:
        answer = await world.post(f"/r/kernel/{deed}", form, headers=bob)
        assert 400 <= answer.status < 500, (deed, form)
        assert words in answer.json["error"], answer.json
    eve = await logged_in(world.bot, world.database, EVE)
    answer = await world.post("/r/kernel/withdraw", {"question": "1"}, headers=eve)
    assert "Only its asker" in answer.json["error"]
    world.say(MODERATOR, "!qa close")
    await until_shown(world, "No more questions are taken")
    answer = await world.post("/r/kernel/ask", {"text": "Why?"}, headers=bob)
    assert "No more questions are taken" in answer.json["error"]


async def test_an_own_question_is_taken_back(world: World) -> None:
    number, _ = await world.ask("How small?", BOB)
    bob = await logged_in(world.bot, world.database, BOB)
    assert "Take back" in await page(world, person=BOB)
    form = {"question": str(number)}
    assert (await world.post("/r/kernel/withdraw", form, headers=bob)).status == 200
    assert "taken back by you" in await page(world, person=BOB)
    assert "How small?" not in await page(world)
    again = await world.post("/r/kernel/withdraw", form, headers=bob)
    assert again.status in (200, 403)


async def test_a_room_is_not_flooded_by_asking_and_taking_back(
    tmp_path: Path, empty_database: Path
) -> None:
    limits = {"commands_per_minute": 6}
    async with stepped_world(tmp_path, empty_database, limits=limits) as world:
        bob = await logged_in(world.bot, world.database, BOB)
        for number in (1, 2, 3):
            asked = await world.post("/r/kernel/ask", {"text": f"How {number}?"}, headers=bob)
            assert asked.status == 200
            form = {"question": str(number)}
            assert (await world.post("/r/kernel/withdraw", form, headers=bob)).status == 200
        often = await world.post("/r/kernel/ask", {"text": "Once more?"}, headers=bob)
        assert (often.status, "too often" in often.json["error"]) == (429, True)
        await world.stepped.advance(11)
        assert (await world.post("/r/kernel/ask", {"text": "Later?"}, headers=bob)).status == 200


async def test_the_database_is_not_flooded_by_voting_and_taking_back(world: World) -> None:
    number, _ = await world.ask("How small?")
    form = {"question": str(number)}
    bob, eve = [await logged_in(world.bot, world.database, each) for each in (BOB, EVE)]
    for _ in range(MOST_VOTES // 2):
        for path in ("vote", "unvote"):
            assert (await world.post(f"/r/kernel/{path}", form, headers=bob)).status == 200
    often = await world.post("/r/kernel/vote", form, headers=bob)
    assert (often.status, "too often" in often.json["error"]) == (429, True)
    assert (await world.post("/r/kernel/vote", form, headers=eve)).status == 200
    await world.stepped.advance(1)
    assert (await world.post("/r/kernel/vote", form, headers=bob)).status == 200


async def test_forms_work_without_the_module(world: World) -> None:
    bob = await logged_in(world.bot, world.database, BOB)
    form = {"text": "How?", "page": "talk-1", "view": "embed", "order": "newest"}
    answer = await world.post("/r/kernel/ask", form, as_json=False, headers=bob)
    assert answer.status == 303
    assert answer.headers["Location"] == "/r/kernel/t/talk-1?order=newest&view=embed"
    refused = await world.post("/r/kernel/ask", {"text": ""}, as_json=False, headers=bob)
    assert (refused.status, "Write your question first" in refused.text) == (403, True)


# Guests in the hall.


async def test_a_guest_asks_and_votes_apart_from_persons(
    tmp_path: Path, empty_database: Path
) -> None:
    pages = {"guests": "ask_and_vote"}
    async with stepped_world(tmp_path, empty_database, pages=pages) as world:
        number, _ = await world.ask("How small?")
        name, _, token = (await guest(world.bot, world.database, "talk-1")).partition("=")
        who = {name: token}
        text = (await world.get("/r/kernel", cookie=who)).text
        assert "as a guest in the hall" in text
        assert 'name="nameless"' not in text
        answer = await world.post("/r/kernel/vote", {"question": str(number)}, cookie=who)
        assert answer.status == 200, answer.text
        text = (await world.get("/r/kernel", cookie=who)).text
        assert "0 + 1 in the hall" in text
        assert 'aria-pressed="true"' in text
        assert await world.votes(number) == 0
        asked = await world.post("/r/kernel/ask", {"text": SECRET}, cookie=who)
        assert "A moderator looks at it first" in asked.json["said"]
        assert "Matrix" not in asked.json["said"]
        assert SECRET not in await page(world)
        assert SECRET in (await world.get("/r/kernel", cookie=who)).text
        long = await world.post("/r/kernel/ask", {"text": "x" * 201}, cookie=who)
        assert "201 characters" in long.json["error"]
        await world.ask("How cloudy?", alias=CLOUD)
        for deed in ("ask", "vote", "unvote"):
            form = {"question": "3", "text": "How?"}
            other = await world.post(f"/r/cloud/{deed}", form, cookie=who)
            assert (other.status, "another talk" in other.json["error"]) == (403, True), deed
        assert "as a guest in the hall" not in (await world.get("/r/cloud", cookie=who)).text
        back = await world.post("/r/kernel/unvote", {"question": str(number)}, cookie=who)
        assert back.status == 200
        mine = await world.post("/r/kernel/withdraw", {"question": "2"}, cookie=who)
        assert mine.status == 200, mine.text


async def test_where_guests_may_only_ask_there_is_no_button_to_vote(
    tmp_path: Path, empty_database: Path
) -> None:
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask"}) as world:
        await world.ask("How small?")
        name, _, token = (await guest(world.bot, world.database, "talk-1")).partition("=")
        text = (await world.get("/r/kernel", cookie={name: token})).text
        assert 'id="ask"' in text
        assert 'id="vote"' not in text
        refused = await world.post("/r/kernel/vote", {"question": "1"}, cookie={name: token})
        assert "not vote" in refused.json["error"]


async def test_a_stranger_is_refused_without_keeping_others_from_writing(world: World) -> None:
    """There is one writer; nobody who shows nothing waits for it, or holds it up."""
    async with world.database.no_writing(), asyncio.timeout(5):
        for path in ("/r/kernel/ask", "/r/kernel/vote", "/talk/do"):
            form = {"text": "How?", "question": "1", "do": "take 1"}
            assert (await world.post(path, form)).status == 401
